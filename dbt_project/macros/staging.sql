{#- A raw table with _metadata: the whole original row as JSON. That is a JSON record's exact text, else the row. -#}
{% macro raw_rows(table) -%}
    select
        * exclude (_row_as_json),
        coalesce(_record, {{ without_nan('_row_as_json') }}) as _metadata
    from (
        select
            source_row.*,
            to_json(
                struct_pack(*columns(source_row.* exclude (_row, _file, _record, _error)))
            )::varchar as _row_as_json
        from {{ source('raw', table) }} as source_row
    ) as source_row
{%- endmacro %}

{#- JSON text with null in place of the numbers that JSON does not know; its strings stay as they are. -#}
{% macro without_nan(json) -%}
    case
        when regexp_matches({{ json }}, '[\[:,](NaN|-?Infinity)[\],}]')
            then array_to_string(
                list_transform(
                    regexp_extract_all({{ json }}, '"(?:[^"\\]|\\.)*"|[^"]+'),
                    lambda part: case
                        when starts_with(part, '"') then part
                        else regexp_replace(part, 'NaN|-?Infinity', 'null', 'g')
                    end
                ),
                ''
            )
        else {{ json }}
    end
{%- endmacro %}

{#- Turns of a chat by role, never by position; `human` and `gpt` are the ShareGPT names. -#}
{% macro role_names(role) -%}
    {{ {'user': "('user', 'human')", 'assistant': "('assistant', 'gpt')"}[role] }}
{%- endmacro %}

{% macro turns(messages, role) -%}
    list_transform(
        list_filter({{ messages }}, lambda m: m.role in {{ role_names(role) }}),
        lambda m: m.content
    )
{%- endmacro %}

{#- Content of the first turn of a role. -#}
{% macro first_turn(messages, role) -%}
    {{ turns(messages, role) }}[1]
{%- endmacro %}

{#- The chat behind its first user turn. -#}
{% macro after_first_user(messages) -%}
    {{ messages }}[
        1 + list_position(list_transform({{ messages }}, lambda m: m.role in {{ role_names('user') }}), true):
    ]
{%- endmacro %}

{#- The turns as one text; null when a turn is null, or when all are empty or there is none. -#}
{% macro join_turns(turns) -%}
    case
        when list_position({{ turns }}, null) is null and len(list_filter({{ turns }}, lambda t: t != '')) > 0
            then array_to_string({{ turns }}, chr(10))
    end
{%- endmacro %}
