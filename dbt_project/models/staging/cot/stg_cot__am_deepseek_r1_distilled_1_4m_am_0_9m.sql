with source_row as (
    {{ raw_rows('am_deepseek_r1_distilled_1_4m_am_0_9m') }}
),

replied as (
    {{ am_replies() }}
),

parts as (
    {{ am_parts() }}
),

staged as (
    {{ am_reasoning() }}
)

select * from staged
