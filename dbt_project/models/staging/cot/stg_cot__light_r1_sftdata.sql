with source_row as (
    {{ raw_rows('light_r1_sftdata') }}
),

chat as (
    select
        *,
        {{ sharegpt_chat('conversations') }} as messages
    from source_row
),

traced as (
    select
        _row,
        _error,
        _metadata,
        {{ first_turn('messages', 'user') }} as prompt,
        {{ first_turn(after_first_user('messages'), 'assistant') }} as trace
    from chat
),

staged as (
    {{ tagged_reasoning() }}
)

select * from staged
