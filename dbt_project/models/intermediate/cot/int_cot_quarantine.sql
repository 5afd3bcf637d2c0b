{{ config(materialized='view') }}
{{ quarantine('cot') }}
