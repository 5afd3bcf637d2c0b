with source_row as (
    {{ raw_rows('limo') }}
),

staged as (
    {{ unsplit_solution('question') }}
)

select * from staged
