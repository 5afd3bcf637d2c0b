with source_row as (
    {{ raw_rows('kodcode_v1') }}
),

staged as (
    {{ sft_rows('question', 'solution') }}
)

select * from staged
