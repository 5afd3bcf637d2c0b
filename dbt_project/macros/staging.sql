{#-
  The columns of a raw table that its registry entry names, with _metadata: the whole original row as JSON. That is a
  JSON record's exact text, else the row. No other column of a file gets further, whatever its name.
-#}
{% macro raw_rows(table) -%}
    with packed as (
        select
            {{ raw_columns(table) | join(',\n            ') }},
            _record,
            _absent,
            struct_pack(*columns(source_row.* exclude (_row, _file, _record, _error, _absent))) as _packed
        from {{ source('raw', table) }} as source_row
    ),

    written as (
        select
            * exclude (_packed),
            case when _record is null then to_json(_packed)::varchar end as _written
        from packed
    ),

    finite as (
        select
            * exclude (_written),
            {{ without_nan('_written') }} as _finite
        from written
    )

    select
        * exclude (_record, _absent, _finite),
        coalesce(_record, {{ without_absent('_finite') }}) as _metadata
    from finite
{%- endmacro %}

{#-
  What staging reads of a raw table: the row's number, its error, and the columns of the registry. A unit test knows
  no registry and gives these columns alone.
-#}
{% macro raw_columns(table) %}
    {%- if execute and graph.sources is not defined %}
        {% do return(['source_row.* exclude (_file, _record, _absent)']) %}
    {%- endif %}
    {%- set names = ['_row', '_error'] %}
    {%- for entry in registry() if entry.name == table %}
        {%- for column in entry.columns.values() %}
            {%- do names.append(adapter.quote(column.name)) %}
        {%- endfor %}
    {%- endfor %}
    {% do return(names) %}
{% endmacro %}

{#-
  JSON text of a row without the columns that its file does not have, which are null in it. The loader puts such
  columns last, so that they are mostly the end of the text.
-#}
{% macro without_absent(json) -%}
    {%- set absent = "list_transform(_absent, lambda name: to_json(name)::varchar || ':null')" -%}
    {%- set end = "',' || array_to_string(" ~ absent ~ ", ',') || '}'" -%}
    case
        when _absent is null then {{ json }}
        when ends_with({{ json }}, {{ end }}) then left({{ json }}, -length({{ end }})) || '}'
        else json_merge_patch({{ json }}, '{' || array_to_string({{ absent }}, ',') || '}')::varchar
    end
{%- endmacro %}

{#- JSON text with null in place of the numbers that JSON does not know; its strings stay as they are. -#}
{% macro without_nan(json) -%}
    case
        when
            (contains({{ json }}, 'NaN') or contains({{ json }}, 'Infinity'))
            and regexp_matches({{ json }}, '[\[:,](NaN|-?Infinity)[\],}]')
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
    {{ messages }}[
        list_position(list_transform({{ messages }}, lambda m: m.role in {{ role_names(role) }}), true)
    ].content
{%- endmacro %}

{#- The chat behind its first user turn. -#}
{% macro after_first_user(messages) -%}
    {{ messages }}[
        1 + list_position(list_transform({{ messages }}, lambda m: m.role in {{ role_names('user') }}), true):
    ]
{%- endmacro %}

{#- A chat as the roles and contents of its messages, under the usual names of the roles. -#}
{% macro messages(chat) -%}
    list_transform(
        {{ chat }},
        lambda m: {
            'role': case
                when m.role in {{ role_names('user') }} then 'user'
                when m.role in {{ role_names('assistant') }} then 'assistant'
                else m.role
            end,
            'content': m.content
        }
    )
{%- endmacro %}

{#- A chat up to its last assistant turn; empty without one. -#}
{% macro through_last_answer(chat) -%}
    {{ chat }}[
        1:coalesce(
            list_max(
                list_filter(range(1, len({{ chat }}) + 1), lambda i: {{ chat }}[i].role in {{ role_names('assistant') }})
            ),
            0
        )
    ]
{%- endmacro %}

{% macro message(role, content) -%} struct_pack(role := '{{ role }}', content := {{ content }}) {%- endmacro %}

{#- The messages of a source that has none. -#}
{% macro no_messages() -%} null::struct("role" varchar, content varchar)[] {%- endmacro %}

{#- The turns as one text; null when a turn is null, or when all are empty or there is none. -#}
{% macro join_turns(turns) -%}
    case
        when list_position({{ turns }}, null) is null and len(list_filter({{ turns }}, lambda t: t != '')) > 0
            then array_to_string({{ turns }}, chr(10))
    end
{%- endmacro %}
