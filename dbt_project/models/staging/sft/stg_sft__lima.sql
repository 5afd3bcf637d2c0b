with source_row as (
    {{ raw_rows('lima') }}
),

staged as (
    {{ sft_rows('conversations[1]', 'conversations[2]') }}
)

select * from staged
