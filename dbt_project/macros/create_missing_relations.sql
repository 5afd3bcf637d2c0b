{#-
  The statements with which every run starts: each raw, ml and intermediate relation that is still missing
  is created as an empty table, and a table that an earlier version made gets the columns that it lacks.
  So each type builds alone, and the marts over all types can always read all four.
-#}
{% macro create_missing_relations() %}
    {% if execute %}
        {%- do check_registry() -%}
        {%- set present = present_columns() -%}
        {%- for source in graph.sources.values() %}
        {{ create_missing_table(source, raw_reserved_columns() if source.source_name == 'raw' else []) }}
        {%- if source.source_name == 'ml' %}
        {{ add_missing_columns(source, source.identifier, present) }}
        {%- endif %}
        {%- endfor %}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.schema == 'intermediate' %}
        {{ create_missing_table(node, []) }}
        {{ add_missing_columns(node, node.alias, present) }}
        {%- endfor %}
    {#- dbt rolls back what a hook leaves open. #}
    commit;
    begin;
    {% endif %}
{% endmacro %}

{% macro create_missing_table(node, first_columns) %}
    {%- set identifier = node.identifier if node.resource_type == 'source' else node.alias %}
    {%- if not adapter.get_relation(node.database, node.schema, identifier) %}
        {%- set columns = first_columns | list %}
        {%- for column in node.columns.values() %}
            {%- do columns.append(adapter.quote(column.name) ~ ' ' ~ column.data_type) %}
        {%- endfor %}
    create schema if not exists {{ adapter.quote(node.schema) }};
    create table {{ adapter.quote(node.schema) }}.{{ adapter.quote(identifier) }} ({{ columns | join(', ') }});
        {%- do adapter.cache_added(
            api.Relation.create(database=node.database, schema=node.schema, identifier=identifier, type='table')
        ) %}
    {%- endif %}
{% endmacro %}

{#- The columns of each table that is there, by schema.table. -#}
{% macro present_columns() %}
    {%- set found = {} %}
    {%- set rows = run_query(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() where schema_name in ('ml', 'intermediate') "
        ~ "and table_oid in (select table_oid from duckdb_tables())"
    ) %}
    {%- for row in rows.rows %}
        {%- do found.setdefault(row[0], []).append(row[1]) %}
    {%- endfor %}
    {% do return(found) %}
{% endmacro %}

{% macro add_missing_columns(node, identifier, present) %}
    {%- set there = present.get(node.schema ~ '.' ~ identifier) %}
    {%- for column in node.columns.values() if there and column.name not in there %}
    alter table {{ adapter.quote(node.schema) }}.{{ adapter.quote(identifier) }}
        add column {{ adapter.quote(column.name) }} {{ column.data_type }};
    {%- endfor %}
{% endmacro %}

{% macro raw_reserved_columns() %}
    {% do return(['_row BIGINT', '_file VARCHAR', '_record VARCHAR', '_error VARCHAR', '_absent VARCHAR[]']) %}
{% endmacro %}
