with source_row as (
    {{ raw_rows('sharegpt_alpaca_oa_vicuna_format_test') }}
),

staged as (
    {{ prompt_rows(vicuna_prompt('prompt')) }}
)

select * from staged
