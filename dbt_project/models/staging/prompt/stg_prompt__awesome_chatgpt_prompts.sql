with source_row as (
    {{ raw_rows('awesome_chatgpt_prompts') }}
),

staged as (
    select
        _row,
        _error,
        prompt,
        null::varchar as reject_reason,
        _metadata as metadata
    from source_row
)

select * from staged
