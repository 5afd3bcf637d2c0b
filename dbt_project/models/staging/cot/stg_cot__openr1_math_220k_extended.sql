with source_row as (
    {{ raw_rows('openr1_math_220k_extended') }}
),

traced as (
    {{ openr1_traces() }}
),

staged as (
    {{ tagged_reasoning() }}
)

select * from staged
