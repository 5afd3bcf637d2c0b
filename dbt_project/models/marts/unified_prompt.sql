{{ config(materialized='view') }}
{{ unified('prompt') }}
