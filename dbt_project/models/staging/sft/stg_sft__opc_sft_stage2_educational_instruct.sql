with source_row as (
    {{ raw_rows('opc_sft_stage2_educational_instruct') }}
),

staged as (
    {{ sft_rows('instruction', 'output') }}
)

select * from staged
