with source_row as (
    {{ raw_rows('dapo_math_17k') }}
),

staged as (
    {{ prompt_rows(first_turn('prompt', 'user')) }}
)

select * from staged
