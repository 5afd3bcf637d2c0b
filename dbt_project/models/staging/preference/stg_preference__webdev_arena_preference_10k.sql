with source_row as (
    {{ raw_rows('webdev_arena_preference_10k') }}
),

chat as (
    select
        *,
        {{ chat_of_parts('conversation_a') }} as chat_a,
        {{ chat_of_parts('conversation_b') }} as chat_b
    from source_row
),

battle as (
    select
        _row,
        _error,
        _metadata,
        {{ first_turn('chat_a', 'user') }} as prompt,
        {{ first_turn(after_first_user('chat_a'), 'assistant') }} as response_a,
        {{ first_turn(after_first_user('chat_b'), 'assistant') }} as response_b,
        {{ messages(through_last_answer('chat_a')) }} as messages_a,
        {{ messages(through_last_answer('chat_b')) }} as messages_b,
        winner
    from chat
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
