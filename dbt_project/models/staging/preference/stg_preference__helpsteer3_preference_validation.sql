with source_row as (
    {{ raw_rows('helpsteer3_preference_validation') }}
),

pair as (
    {{ helpsteer3_scores() }}
),

staged as (
    {{ text_pairs() }}
)

select * from staged
