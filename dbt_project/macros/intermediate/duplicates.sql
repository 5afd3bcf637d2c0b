{#- int_<type>_duplicates: every row that the exact merge removed, and the row that stands for it. -#}
{% macro duplicates(type) -%}
with extracted as (
    select * from {{ ref('int_' ~ type ~ '_extracted') }}
    where reject_reason is null
),

merged as (
    select * from {{ ref('int_' ~ type ~ '_merged') }}
),

final as (
    select
        extracted.dataset,
        extracted.ordinal,
        extracted._row,
        {{ source_prompt_id('extracted') }} as source_prompt_id,
        merged.all_prompt_id as merged_prompt_id,
        extracted.solution_key,
        (extracted.solution_key is distinct from merged.solution_key) as has_other_solution
    from extracted
    inner join merged on extracted.exact_key = merged.exact_key
    where extracted.ordinal != merged.ordinal or extracted._row != merged._row
)

select * from final
{%- endmacro %}
