{#- unified_<type>: the kept rows in the type's format, joined back to their texts by (ordinal, _row). -#}
{% macro unified(type) -%}
with survivors as (
    select * from {{ ref('int_' ~ type ~ '_survivors') }}
    where is_kept
),

staged as (
    {{ union_staging(type, ['_row', 'metadata'] + text_columns(type)) }}
),

final as (
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
        staged.is_tie,
        {%- endif %}
        survivors.dataset,
        survivors._row,
        staged.licence,
        staged.non_commercial,
        staged.no_redistribution,
        survivors.cluster_id,
        survivors.n_exact_copies,
        survivors.n_cluster_members
    from staged
    inner join survivors
        on staged.ordinal = survivors.ordinal and staged._row = survivors._row
)

select * from final
{%- endmacro %}

{% macro text_columns(type) %}
    {% do return({
        'prompt': ['prompt'],
        'sft': ['prompt', 'answer'],
        'cot': ['prompt', 'thinking', 'answer'],
        'preference': [
            'prompt', 'chosen', 'rejected', 'prompt_turns', 'chosen_turns', 'rejected_turns', 'is_tie'
        ],
    }[type]) %}
{% endmacro %}

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
