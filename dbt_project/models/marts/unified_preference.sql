{{ config(materialized='view') }}
{{ unified('preference') }}
