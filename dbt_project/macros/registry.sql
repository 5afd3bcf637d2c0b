{#-
  The staging models of each type. A dataset whose registry entry feeds a type has its model's name here;
  the start of every run checks that the two agree.
-#}
{% macro staging_models(type) %}
    {% do return({
        'prompt': [
            'stg_prompt__dapo_math_17k',
            'stg_prompt__awesome_chatgpt_prompts',
            'stg_prompt__sharegpt_alpaca_oa_vicuna_format',
            'stg_prompt__sharegpt_alpaca_oa_vicuna_format_test',
            'stg_prompt__ultrafeedback_prompt',
            'stg_prompt__ultrafeedback_prompt_test',
            'stg_prompt__sft_prompt',
        ],
        'sft': [
            'stg_sft__numinamath_1_5',
            'stg_sft__tulu_3_sft_olmo_2_mixture_0225',
            'stg_sft__tulu_3_sft_personas_math',
            'stg_sft__tulu_3_sft_personas_code',
            'stg_sft__lima',
            'stg_sft__lima_test',
            'stg_sft__no_robots',
            'stg_sft__no_robots_test',
            'stg_sft__kodcode_v1',
            'stg_sft__codefeedback_filtered_instruction',
            'stg_sft__opc_sft_stage1_filtered_infinity_instruct',
            'stg_sft__opc_sft_stage1_largescale_diverse_instruct',
            'stg_sft__opc_sft_stage1_realuser_instruct',
            'stg_sft__opc_sft_stage2_educational_instruct',
            'stg_sft__opc_sft_stage2_evol_instruct',
            'stg_sft__opc_sft_stage2_mceval_instruct',
            'stg_sft__opc_sft_stage2_package_instruct',
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
            'stg_preference__helpsteer3_edit',
            'stg_preference__helpsteer3_edit_validation',
            'stg_preference__helpsteer3_edit_quality',
            'stg_preference__helpsteer3_edit_quality_validation',
            'stg_preference__arena_human_preference_100k',
            'stg_preference__arena_human_preference_55k',
            'stg_preference__repochat_arena_preference_4k',
            'stg_preference__webdev_arena_preference_10k',
            'stg_preference__skywork_reward_preference_80k_v0_2',
            'stg_preference__openr1_math_220k_default',
            'stg_preference__openr1_math_220k_extended',
            'stg_preference__ultrafeedback_binarized_train_prefs',
            'stg_preference__ultrafeedback_binarized_test_prefs',
            'stg_preference__hh_rlhf_harmless_base',
            'stg_preference__hh_rlhf_harmless_base_test',
            'stg_preference__hh_rlhf_helpful_base',
            'stg_preference__hh_rlhf_helpful_base_test',
            'stg_preference__hh_rlhf_helpful_online',
            'stg_preference__hh_rlhf_helpful_online_test',
            'stg_preference__hh_rlhf_helpful_rejection_sampled',
            'stg_preference__hh_rlhf_helpful_rejection_sampled_test',
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

{#- What the registry says of a staging model: dataset, ordinal, licence and the two flags of its licence. -#}
{% macro staged_dataset(type, model_name) %}
    {% for entry, ordinal in feeding(type) if entry.name == model_name.split('__', 1)[1] %}
        {% do return({
            'dataset': entry.meta.dataset,
            'ordinal': ordinal,
            'licence': entry.meta.licence,
            'non_commercial': entry.meta.get('non_commercial', false),
            'no_redistribution': entry.meta.get('no_redistribution', false),
        }) %}
    {% endfor %}
    {% do return({'dataset': '', 'ordinal': 0, 'licence': '', 'non_commercial': false, 'no_redistribution': false}) %}
{% endmacro %}

{#- All staging models of a type as one relation: dataset, ordinal and the named columns. -#}
{% macro union_staging(type, columns) %}
    {%- for name in staging_models(type) %}
    {%- set entry = staged_dataset(type, name) %}
    select
        {{ text_literal(entry.dataset) }} as dataset,
        {{ entry.ordinal }} as ordinal,
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
        {{ text_literal(entry.meta.licence) }} as licence,
        {{ entry.meta.get('non_commercial', false) | lower }} as non_commercial,
        {{ entry.meta.get('no_redistribution', false) | lower }} as no_redistribution
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

{#- Texts as a list of SQL literals; one that nothing equals where there is none. -#}
{% macro text_literals(texts) %}
    {%- set literals = [] -%}
    {%- for text in texts %}{% do literals.append(text_literal(text)) %}{% endfor -%}
    {% do return(literals | join(', ') if literals else 'null') %}
{% endmacro %}
