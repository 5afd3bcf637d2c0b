with source_row as (
    {{ raw_rows('helpsteer3_preference') }}
),

pair as (
    {{ helpsteer3_scores() }}
),

staged as (
    {{ text_pairs() }}
)

select * from staged
