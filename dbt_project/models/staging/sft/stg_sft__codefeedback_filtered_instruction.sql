with source_row as (
    {{ raw_rows('codefeedback_filtered_instruction') }}
),

staged as (
    {{ sft_rows('query', 'answer') }}
)

select * from staged
