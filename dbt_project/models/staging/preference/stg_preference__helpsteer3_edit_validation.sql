with source_row as (
    {{ raw_rows('helpsteer3_edit_validation') }}
),

pair as (
    {{ helpsteer3_edits('edited_response', 'original_response') }}
),

staged as (
    {{ text_pairs() }}
)

select * from staged
