{{ config(materialized='view') }}
{{ quarantine('preference') }}
