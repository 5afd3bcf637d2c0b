{#- int_<type>_quarantine: the rows that cannot be used, with the reason and the whole original row. -#}
{% macro quarantine(type) -%}
with rejected as (
    select * from {{ ref('int_' ~ type ~ '_extracted') }}
    where reject_reason is not null
),

staged as (
    {{ union_staging(type, ['_row', 'metadata']) }}
),

final as (
    select
        rejected.dataset,
        rejected.ordinal,
        rejected._row,
        {{ source_prompt_id('rejected') }} as source_prompt_id,
        rejected.reject_reason as reason,
        rejected.reject_detail as detail,
        staged.metadata
    from staged
    inner join rejected
        on staged.ordinal = rejected.ordinal and staged._row = rejected._row
)

select * from final
{%- endmacro %}
