with source_row as (
    {{ raw_rows('kodcode_v1_sft_r1') }}
),

traced as (
    select
        _row,
        _error,
        _metadata,
        question as prompt,
        {{ first_turn(sharegpt_chat('conversations'), 'assistant') }} as trace
    from source_row
),

staged as (
    {{ tagged_reasoning() }}
)

select * from staged
