with source_row as (
    {{ raw_rows('lima_test') }}
),

staged as (
    {{ lima_turns() }}
)

select * from staged
