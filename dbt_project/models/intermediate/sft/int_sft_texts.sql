{{ config(materialized='view') }}
{{ texts('sft') }}
