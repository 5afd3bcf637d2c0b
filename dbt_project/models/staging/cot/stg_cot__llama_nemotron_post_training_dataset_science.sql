with source_row as (
    {{ raw_rows('llama_nemotron_post_training_dataset_science') }}
),

traced as (
    {{ nemotron_traces() }}
),

staged as (
    {{ tagged_reasoning("when reasoning = 'off' then 'reasoning_off'") }}
)

select * from staged
