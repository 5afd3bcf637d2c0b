with source_row as (
    {{ raw_rows('numinamath_cot_test') }}
),

staged as (
    {{ unsplit_solution('problem') }}
)

select * from staged
