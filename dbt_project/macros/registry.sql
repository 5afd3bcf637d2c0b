{#-
  The staging models of each type. A dataset whose registry entry feeds a type has its model's name here;
  the start of every run checks that the two agree.
-#}
{% macro staging_models(type) %}
    {% do return({
        'prompt': [
            'stg_prompt__awesome_chatgpt_prompts',
        ],
        'sft': [
            'stg_sft__tulu_3_sft_olmo_2_mixture_0225',
            'stg_sft__lima',
            'stg_sft__lima_test',
        ],
        'cot': [
            'stg_cot__kodcode_v1_sft_r1',
            'stg_cot__codeforces_cots',
            'stg_cot__openr1_math_220k_default',
            'stg_cot__openr1_math_220k_extended',
            'stg_cot__limo',
            'stg_cot__s1k',
            'stg_cot__s1k_1_1',
            'stg_cot__openthoughts_114k',
            'stg_cot__llama_nemotron_post_training_dataset_code',
            'stg_cot__llama_nemotron_post_training_dataset_math',
            'stg_cot__llama_nemotron_post_training_dataset_science',
            'stg_cot__llama_nemotron_post_training_dataset_chat',
            'stg_cot__llama_nemotron_post_training_dataset_safety',
            'stg_cot__generalthought_430k',
            'stg_cot__am_deepseek_r1_distilled_1_4m_am_0_5m',
            'stg_cot__am_deepseek_r1_distilled_1_4m_am_0_9m',
            'stg_cot__chinese_deepseek_r1_distill_data_110k',
            'stg_cot__light_r1_sftdata',
            'stg_cot__numinamath_cot',
            'stg_cot__numinamath_cot_test',
        ],
        'preference': [
            'stg_preference__helpsteer3_preference',
            'stg_preference__helpsteer3_preference_validation',
            'stg_preference__arena_human_preference_100k',
            'stg_preference__openr1_math_220k_default',
            'stg_preference__openr1_math_220k_extended',
        ],
    }[type]) %}
{% endmacro %}

{% macro types() %}
    {% do return(['prompt', 'sft', 'cot', 'preference']) %}
{% endmacro %}

{#- The registry's entries, a list of dbt sources; empty while dbt parses. -#}
{% macro registry() %}
    {% do return(graph.sources.values() | selectattr('source_name', 'equalto', 'raw') | list if execute else []) %}
{% endmacro %}

{#- The entries that feed a type, each with its ordinal: a list of (entry, ordinal). -#}
{% macro feeding(type) %}
    {% set found = [] %}
    {% for entry in registry() %}
        {% for feed in entry.meta.feeds if feed.type == type %}
            {% do found.append((entry, feed.ordinal)) %}
        {% endfor %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#- What the registry says of a staging model: {dataset, ordinal, licence}. -#}
{% macro staged_dataset(type, model_name) %}
    {% for entry, ordinal in feeding(type) if entry.name == model_name.split('__', 1)[1] %}
        {% do return({'dataset': entry.meta.dataset, 'ordinal': ordinal, 'licence': entry.meta.licence}) %}
    {% endfor %}
    {% do return({'dataset': '', 'ordinal': 0, 'licence': ''}) %}
{% endmacro %}

{#- All staging models of a type as one relation: dataset, ordinal, licence and the named columns. -#}
{% macro union_staging(type, columns) %}
    {%- for name in staging_models(type) %}
    {%- set entry = staged_dataset(type, name) %}
    select
        {{ text_literal(entry.dataset) }} as dataset,
        {{ entry.ordinal }} as ordinal,
        {{ text_literal(entry.licence) }} as licence,
        {{ columns | join(',\n        ') }}
    from {{ ref(name) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endmacro %}

{#- The datasets that feed a type, as a relation: one row per dataset. -#}
{% macro registered_datasets(type) %}
    {%- for entry, ordinal in feeding(type) %}
    select
        {{ text_literal(entry.meta.dataset) }} as dataset,
        {{ ordinal }} as ordinal,
        {{ text_literal(entry.name) }} as raw_table,
        {{ text_literal(entry.meta.revision) }} as revision,
        {{ text_literal(entry.meta.licence) }} as licence
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select null as dataset
    {%- endfor %}
{% endmacro %}

{#- Refuse a registry entry without its staging model, and a staging model without its entry. -#}
{% macro check_registry() %}
    {% for type in types() %}
        {% set fed = [] %}
        {% for entry, ordinal in feeding(type) %}
            {% do fed.append('stg_' ~ type ~ '__' ~ entry.name) %}
        {% endfor %}
        {% for name in fed if name not in staging_models(type) %}
            {{ exceptions.raise_compiler_error(
                'The registry feeds ' ~ type ~ ' from ' ~ name.split('__', 1)[1] ~ ', but macros/registry.sql does not list ' ~ name
            ) }}
        {% endfor %}
        {% for name in staging_models(type) if name not in fed %}
            {{ exceptions.raise_compiler_error(
                'macros/registry.sql lists ' ~ name ~ ', but no entry of the registry feeds ' ~ type ~ ' from it'
            ) }}
        {% endfor %}
    {% endfor %}
{% endmacro %}

{% macro text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}
