with source_row as (
    {{ raw_rows('skywork_reward_preference_80k_v0_2') }}
),

divided as (
    {{ divided_at_last_answer() }}
),

pair as (
    {{ last_answer_pairs(join_turns(turns('chosen_prefix', 'user')), 'false') }}
),

staged as (
    {{ text_pairs() }}
)

select * from staged
