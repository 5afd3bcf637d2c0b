with source_row as (
    {{ raw_rows('limo') }}
),

staged as (
    select
        _row,
        _error,
        question as prompt,
        solution as thinking,
        '' as answer,
        null::varchar as reject_reason,
        _metadata as metadata
    from source_row
)

select * from staged
