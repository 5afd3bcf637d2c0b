{#-
  unified_<type>: the kept rows in the type's format, joined back to their texts dataset by dataset: a filter on the ids
  then reaches the raw table, which a join with the union of all datasets would keep it from.
-#}
{% macro unified(type) -%}
with survivors as (
    select * from {{ ref('int_' ~ type ~ '_survivors') }}
    where is_kept
),

final as (
    {%- for name in staging_models(type) %}
    {%- set entry = staged_dataset(type, name) %}
    select
        survivors.all_prompt_id,
        survivors.source_prompt_id,
        {%- for column in unified_columns(type) %}
        {{ column }},
        {%- endfor %}
        staged.metadata,
        {%- if type == 'preference' %}
        staged.prompt_turns,
        case when not staged.is_tie then staged.chosen_turns end as chosen_turns,
        case when not staged.is_tie then staged.rejected_turns end as rejected_turns,
        staged.context,
        staged.chosen_messages,
        staged.rejected_messages,
        staged.is_tie,
        {%- endif %}
        {{ text_literal(entry.dataset) }} as dataset,
        staged._row,
        {{ text_literal(entry.licence) }} as licence,
        {{ entry.non_commercial | lower }} as non_commercial,
        {{ entry.no_redistribution | lower }} as no_redistribution,
        survivors.cluster_id,
        survivors.n_exact_copies,
        survivors.n_cluster_members,
        survivors.contaminated_by,
        survivors.language,
        survivors.prompt_chars,
        survivors.solution_chars,
        survivors.n_tokens
    from {{ ref(name) }} as staged
    inner join survivors
        on staged._row = survivors._row and survivors.ordinal = {{ entry.ordinal }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
{%- endmacro %}

{#- The text columns of the format; a tie has neither a chosen nor a rejected answer. -#}
{% macro unified_columns(type) %}
    {% do return({
        'prompt': ['staged.prompt'],
        'sft': ['staged.prompt', 'staged.answer'],
        'cot': ['staged.prompt', 'staged.thinking', 'staged.answer'],
        'preference': [
            'staged.prompt',
            "case when staged.is_tie then '' else staged.chosen end as chosen",
            "case when staged.is_tie then '' else staged.rejected end as rejected",
        ],
    }[type]) %}
{% endmacro %}
