{{ config(materialized='view') }}
{{ texts('preference') }}
