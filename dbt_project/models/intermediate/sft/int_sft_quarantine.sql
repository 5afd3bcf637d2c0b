{{ config(materialized='view') }}
{{ quarantine('sft') }}
