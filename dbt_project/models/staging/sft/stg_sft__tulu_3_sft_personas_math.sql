with source_row as (
    {{ raw_rows('tulu_3_sft_personas_math') }}
),

staged as (
    {{ sft_rows('prompt', first_answer('messages')) }}
)

select * from staged
