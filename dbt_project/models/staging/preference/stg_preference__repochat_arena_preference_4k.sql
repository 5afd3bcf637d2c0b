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
        winner
    from source_row
),

pair as (
    {{ decided_battles() }}
),

staged as (
    {{ text_pairs() }}
)

select * from staged
