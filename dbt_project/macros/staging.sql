{#- A raw table with _metadata: the whole original row as JSON. That is a JSON record's exact text, else the row. -#}
{% macro raw_rows(table) -%}
    select
        source_row.*,
        coalesce(
            _record,
            to_json(struct_pack(*columns(source_row.* exclude (_row, _file, _record, _error))))::varchar
        ) as _metadata
    from {{ source('raw', table) }} as source_row
{%- endmacro %}

{#- Turns of a chat by role, never by position; `human` and `gpt` are the ShareGPT names. -#}
{% macro role_names(role) -%}
    {{ {'user': "('user', 'human')", 'assistant': "('assistant', 'gpt')"}[role] }}
{%- endmacro %}

{% macro turns(messages, role) -%}
    list_transform(
        list_filter({{ messages }}, lambda m: m."role" in {{ role_names(role) }}),
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
        1 + list_position(list_transform({{ messages }}, lambda m: m."role" in {{ role_names('user') }}), true) :
    ]
{%- endmacro %}

{#- The turns as one text; null when a turn is null or there is none. -#}
{% macro join_turns(turns) -%}
    case
        when len({{ turns }}) > 0 and list_position({{ turns }}, null) is null
            then array_to_string({{ turns }}, chr(10))
    end
{%- endmacro %}
