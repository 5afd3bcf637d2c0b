{#- The staging body of the sft sets; it reads the CTE source_row. -#}
{% macro sft_rows(prompt, answer) -%}
    select
        _row,
        _error,
        {{ renamed(prompt, 'prompt') }},
        {{ renamed(answer, 'answer') }},
        null::varchar as reject_reason,
        _metadata as metadata
    from source_row
{%- endmacro %}

{% macro renamed(column, name) -%} {{ column }}{% if column != name %} as {{ name }}{% endif %} {%- endmacro %}

{#- The first assistant turn behind the first user turn. -#}
{% macro first_answer(messages) -%}
    {{ first_turn(after_first_user(messages), 'assistant') }}
{%- endmacro %}
