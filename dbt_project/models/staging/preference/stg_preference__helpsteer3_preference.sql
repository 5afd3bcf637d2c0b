with source_row as (
    {{ raw_rows('helpsteer3_preference') }}
),

staged as (
    {{ helpsteer3_pairs() }}
)

select * from staged
