with source_row as (
    {{ raw_rows('s1k_1_1') }}
),

texts as (
    select
        *,
        {{ text_or_first('deepseek_thinking_trajectory') }} as trajectory,
        {{ text_or_first('deepseek_attempt') }} as final_attempt
    from source_row
),

staged as (
    {{ reasoning_columns('question', 'trajectory', 'final_attempt', 'texts') }}
)

select * from staged
