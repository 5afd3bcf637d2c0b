with source_row as (
    {{ raw_rows('lima') }}
),

staged as (
    {{ lima_turns() }}
)

select * from staged
