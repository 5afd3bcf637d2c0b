with source_row as (
    {{ raw_rows('skywork_reward_preference_80k_v0_2') }}
),

divided as (
    {{ divided_at_last_answer() }}
),

pair as (
    select
        _row,
        _error,
        _metadata,
        {{ join_turns(turns('chosen_prefix', 'user')) }} as prompt,
        chosen_answer as chosen,
        rejected_answer as rejected,
        false as is_tie,
        {{ prefix_mismatch() }} as reject_reason
    from divided
),

staged as (
    {{ text_pairs() }}
)

select * from staged
