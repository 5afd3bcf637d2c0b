with source_row as (
    {{ raw_rows('repochat_arena_preference_4k') }}
),

battle as (
    select
        _row,
        _error,
        _metadata,
        {{ first_turn('full_conversation_a', 'user') }} as prompt,
        {{ first_turn(after_first_user('full_conversation_a'), 'assistant') }} as response_a,
        {{ first_turn(after_first_user('full_conversation_b'), 'assistant') }} as response_b,
        {{ messages(through_last_answer('full_conversation_a')) }} as messages_a,
        {{ messages(through_last_answer('full_conversation_b')) }} as messages_b,
        winner
    from source_row
),

shared as (
    {{ shared_context() }}
),

pair as (
    {{ decided_battles() }}
),

staged as (
    {{ text_pairs(response_messages=true) }}
)

select * from staged
