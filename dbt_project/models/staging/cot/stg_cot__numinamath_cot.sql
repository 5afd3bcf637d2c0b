with source_row as (
    {{ raw_rows('numinamath_cot') }}
),

staged as (
    {{ unsplit_solution('problem') }}
)

select * from staged
