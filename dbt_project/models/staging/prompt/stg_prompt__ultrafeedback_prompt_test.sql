with source_row as (
    {{ raw_rows('ultrafeedback_prompt_test') }}
),

staged as (
    {{ prompt_rows(first_turn('prompt', 'user')) }}
)

select * from staged
