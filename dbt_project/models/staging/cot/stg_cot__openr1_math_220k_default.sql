with source_row as (
    {{ raw_rows('openr1_math_220k_default') }}
),

chosen_trace as (
    select
        *,
        {{ first_turn('messages', 'assistant') }} as trace
    from source_row
),

staged as (
    select
        _row,
        _error,
        problem as prompt,
        {{ thinking_of('trace') }} as thinking,
        {{ answer_behind_thinking('trace') }} as answer,
        case when trace is not null and {{ think_close('trace') }} is null then 'unclosed_tags' end as reject_reason,
        _metadata as metadata
    from chosen_trace
)

select * from staged
