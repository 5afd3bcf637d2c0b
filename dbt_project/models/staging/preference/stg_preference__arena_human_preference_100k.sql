with source_row as (
    {{ raw_rows('arena_human_preference_100k') }}
),

battle as (
    select
        *,
        {{ messages(through_last_answer('conversation_a')) }} as messages_a,
        {{ messages(through_last_answer('conversation_b')) }} as messages_b,
        {{ turns('conversation_a', 'user') }} as user_turns,
        {{ turns('conversation_a', 'assistant') }} as turns_a,
        {{ turns('conversation_b', 'assistant') }} as turns_b
    from source_row
),

shared as (
    {{ shared_context() }}
),

judged as (
    select
        *,
        case winner when 'model_a' then turns_a when 'model_b' then turns_b end as chosen_turns,
        case winner when 'model_a' then turns_b when 'model_b' then turns_a end as rejected_turns
    from shared
),

staged as (
    select
        _row,
        _error,
        {{ join_turns('user_turns') }} as prompt,
        user_turns as prompt_turns,
        {{ join_turns('chosen_turns') }} as chosen,
        chosen_turns,
        {{ join_turns('rejected_turns') }} as rejected,
        rejected_turns,
        messages_a[1:n_shared] as context,
        {{ chosen_messages() }} as chosen_messages,
        {{ rejected_messages() }} as rejected_messages,
        winner in ('tie', 'tie (bothbad)') as is_tie,
        case
            when winner is null or winner not in ('model_a', 'model_b', 'tie', 'tie (bothbad)') then 'unknown_verdict'
        end as reject_reason,
        _metadata as metadata
    from judged
)

select * from staged
