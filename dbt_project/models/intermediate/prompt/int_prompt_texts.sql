{{ config(materialized='view') }}
{{ texts('prompt') }}
