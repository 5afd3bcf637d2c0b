{#- Staging bodies that several configs or splits of one repository share; each reads the CTE source_row. -#}

{% macro lima_turns() -%}
    select
        _row,
        _error,
        conversations[1] as prompt,
        conversations[2] as answer,
        null::varchar as reject_reason,
        _metadata as metadata
    from source_row
{%- endmacro %}
