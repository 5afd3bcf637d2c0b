with source_row as (
    {{ raw_rows('openr1_math_220k_extended') }}
),

judged as (
    {{ openr1_verdicts() }}
),

staged as (
    {{ openr1_pairs() }}
)

select * from staged
