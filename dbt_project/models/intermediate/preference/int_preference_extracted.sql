with staged as (
    {{ union_staging('preference', ['_row', '_error', 'prompt', 'chosen', 'rejected', 'is_tie', 'reject_reason']) }}
),

checked as (
    select
        dataset,
        ordinal,
        _row,
        _error,
        prompt,
        case when is_tie then '' else chosen end as solution,
        is_tie,
        case
            when _error is not null then 'unreadable_record'
            when {{ is_blank('prompt') }} then 'no_prompt'
            when reject_reason is not null then reject_reason
            when is_tie then null
            when chosen is null or chosen = '' or rejected is null or rejected = '' then 'missing_response'
        end as reject_reason
    from staged
),

final as (
    {{ extracted_columns() }}
)

select * from final
