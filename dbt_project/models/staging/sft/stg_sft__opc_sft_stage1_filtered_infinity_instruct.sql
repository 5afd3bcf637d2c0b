with source_row as (
    {{ raw_rows('opc_sft_stage1_filtered_infinity_instruct') }}
),

staged as (
    {{ sft_rows('instruction', 'output') }}
)

select * from staged
