with source_row as (
    {{ raw_rows('generalthought_430k') }}
),

staged as (
    {{ reasoning_columns('question', 'model_reasoning', 'model_answer') }}
)

select * from staged
