with source_row as (
    {{ raw_rows('openthoughts_114k') }}
),

staged as (
    {{ reasoning_columns('problem', 'deepseek_reasoning', 'deepseek_solution') }}
)

select * from staged
