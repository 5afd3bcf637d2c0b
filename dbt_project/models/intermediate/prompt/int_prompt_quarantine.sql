{{ config(materialized='view') }}
{{ quarantine('prompt') }}
