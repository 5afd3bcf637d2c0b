{#- int_<type>_merged: of the rows with one exact key, the survivor, numbered in order of (ordinal, _row). -#}
{% macro merged(type) -%}
with extracted as (
    select * from {{ ref('int_' ~ type ~ '_extracted') }}
    where reject_reason is null
),

staged as (
    {{ union_staging(type, ['_row', 'prompt']) }}
),

groups as (
    select
        exact_key,
        count(*) as n_exact_copies,
        arg_min(
            struct_pack(
                dataset := dataset,
                ordinal := ordinal,
                _row := _row,
                text_key := text_key,
                solution_key := solution_key,
                is_tie := is_tie,
                prompt_chars := prompt_chars,
                solution_chars := solution_chars
            ),
            row({{ survivor_rank() }}, ordinal, _row)
        ) as survivor
    from extracted
    group by exact_key
),

survivors as (
    select
        exact_key,
        n_exact_copies,
        survivor.*
    from groups
),

numbered as (
    select
        *,
        row_number() over (order by ordinal, _row) - 1 as all_prompt_id
    from survivors
),

final as (
    select
        numbered.all_prompt_id,
        {{ source_prompt_id('numbered') }} as source_prompt_id,
        staged.prompt,
        numbered.dataset,
        numbered.ordinal,
        numbered._row,
        numbered.exact_key,
        numbered.text_key,
        numbered.solution_key,
        numbered.is_tie,
        numbered.prompt_chars,
        numbered.solution_chars,
        numbered.n_exact_copies
    from staged
    inner join numbered
        on staged.ordinal = numbered.ordinal and staged._row = numbered._row
)

select * from final
{%- endmacro %}
