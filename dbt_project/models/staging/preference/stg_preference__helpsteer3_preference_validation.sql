with source_row as (
    {{ raw_rows('helpsteer3_preference_validation') }}
),

staged as (
    {{ helpsteer3_pairs() }}
)

select * from staged
