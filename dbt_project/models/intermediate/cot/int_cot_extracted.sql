with staged as (
    {{ union_staging('cot', ['_row', '_error', 'prompt', 'has_thinking', 'answer', 'reject_reason']) }}
),

checked as (
    select
        dataset,
        ordinal,
        _row,
        _error,
        prompt,
        answer as solution,
        null::boolean as is_tie,
        case
            when _error is not null then 'unreadable_record'
            when {{ is_blank('prompt') }} then 'no_prompt'
            when reject_reason is not null then reject_reason
            when not has_thinking then 'no_thinking'
            when answer is null then 'no_answer'
        end as reject_reason
    from staged
),

final as (
    {{ extracted_columns() }}
)

select * from final
