{#- Staging bodies of the prompt sets; each reads the CTE source_row. -#}

{% macro prompt_rows(prompt) -%}
    select
        _row,
        _error,
        {{ prompt }} as prompt,
        null::varchar as reject_reason,
        _metadata as metadata
    from source_row
{%- endmacro %}

{#- The text behind Vicuna's first user marker and before the next assistant marker; the whole text without both. -#}
{% macro vicuna_prompt(text) -%}
    {%- set behind_user = "substr(" ~ text ~ ", nullif(instr(" ~ text ~ ", 'USER:'), 0) + 5)" -%}
    coalesce(
        trim(left({{ behind_user }}, nullif(instr({{ behind_user }}, 'ASSISTANT:'), 0) - 1), {{ blanks() }}),
        {{ text }}
    )
{%- endmacro %}
