with staged as (
    {{ union_staging('prompt', ['_row', '_error', 'prompt', 'reject_reason']) }}
),

checked as (
    select
        dataset,
        ordinal,
        _row,
        _error,
        prompt,
        null::varchar as solution,
        null::boolean as is_tie,
        case
            when _error is not null then 'unreadable_record'
            when {{ is_blank('prompt') }} then 'no_prompt'
            else reject_reason
        end as reject_reason
    from staged
),

final as (
    {{ extracted_columns() }}
)

select * from final
