{#- int_<type>_texts: what the model embeds, each text once, in order of its first all_prompt_id. -#}
{% macro texts(type) -%}
with merged as (
    select * from {{ ref('int_' ~ type ~ '_merged') }}
),

{% if text_has_solution() %}
staged as (
    {{ union_staging(type, ['_row', 'prompt', solution_column(type) ~ ' as solution']) }}
),

texts as (
    select
        merged.text_key,
        merged.all_prompt_id,
        staged.{{ embedded_text() }} as text
    from staged
    inner join merged
        on staged.ordinal = merged.ordinal and staged._row = merged._row
),
{% else %}
texts as (
    select
        text_key,
        all_prompt_id,
        {{ embedded_text() }} as text
    from merged
),
{% endif %}

final as (
    select
        text_key,
        min(all_prompt_id) as first_prompt_id,
        any_value(text) as text
    from texts
    group by text_key
)

select * from final
{%- endmacro %}

{#- What `prompt_solution` adds to a prompt; a tie has no solution. -#}
{% macro solution_column(type) -%}
    {{ {
        'prompt': 'null::varchar',
        'sft': 'answer',
        'cot': 'answer',
        'preference': "case when is_tie then '' else chosen end",
    }[type] }}
{%- endmacro %}
