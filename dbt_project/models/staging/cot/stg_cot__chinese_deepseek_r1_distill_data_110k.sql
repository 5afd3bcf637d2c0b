with source_row as (
    {{ raw_rows('chinese_deepseek_r1_distill_data_110k') }}
),

staged as (
    {{ reasoning_columns('input', 'reasoning_content', 'content') }}
)

select * from staged
