with source_row as (
    {{ raw_rows('numinamath_1_5') }}
),

staged as (
    {{ sft_rows('problem', 'solution') }}
)

select * from staged
