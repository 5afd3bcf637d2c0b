with source_row as (
    {{ raw_rows('no_robots') }}
),

staged as (
    {{ sft_rows('prompt', first_answer('messages')) }}
)

select * from staged
