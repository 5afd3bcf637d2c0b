with source_row as (
    {{ raw_rows('sharegpt_alpaca_oa_vicuna_format') }}
),

staged as (
    {{ prompt_rows(vicuna_prompt('prompt')) }}
)

select * from staged
