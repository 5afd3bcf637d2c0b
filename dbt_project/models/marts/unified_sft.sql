{{ config(materialized='view') }}
{{ unified('sft') }}
