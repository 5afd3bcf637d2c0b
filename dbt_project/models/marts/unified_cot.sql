{{ config(materialized='view') }}
{{ unified('cot') }}
