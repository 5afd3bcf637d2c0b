with source_row as (
    {{ raw_rows('helpsteer3_edit_quality') }}
),

pair as (
    {{ helpsteer3_edits('good_edited_response', 'bad_edited_response') }}
),

staged as (
    {{ text_pairs() }}
)

select * from staged
