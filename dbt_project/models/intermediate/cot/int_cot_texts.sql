{{ config(materialized='view') }}
{{ texts('cot') }}
