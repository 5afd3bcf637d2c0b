with source_row as (
    {{ raw_rows('hh_rlhf_helpful_base') }}
),

divided as (
    {{ divided_transcripts() }}
),

pair as (
    {{ transcript_pairs() }}
),

staged as (
    {{ text_pairs() }}
)

select * from staged
