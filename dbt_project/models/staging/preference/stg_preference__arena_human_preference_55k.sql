with source_row as (
    {{ raw_rows('arena_human_preference_55k') }}
),

decoded as (
    select
        *,
        {{ json_turns('prompt') }} as prompt_list,
        {{ json_turns('response_a') }} as list_a,
        {{ json_turns('response_b') }} as list_b
    from source_row
),

battle as (
    select
        _row,
        coalesce(
            _error,
            {{ not_json_turns('prompt', 'prompt_list') }},
            {{ not_json_turns('response_a', 'list_a') }},
            {{ not_json_turns('response_b', 'list_b') }}
        ) as _error,
        _metadata,
        {{ join_turns("list_filter(prompt_list, lambda turn: turn is not null)") }} as prompt,
        {{ join_turns('list_a') }} as response_a,
        {{ join_turns('list_b') }} as response_b,
        {{ alternating('prompt_list', 'list_a') }} as messages_a,
        {{ alternating('prompt_list', 'list_b') }} as messages_b,
        {{ one_hot_winner() }} as winner
    from decoded
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
