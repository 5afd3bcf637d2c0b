{#-
  The statements with which every run starts: each raw, ml and intermediate relation that is still missing
  is created as an empty table. So each type builds alone, and the marts over all types can always read all four.
-#}
{% macro create_missing_relations() %}
    {% if execute %}
        {%- do check_registry() -%}
        {%- for source in graph.sources.values() %}
        {{ create_missing_table(source, raw_reserved_columns() if source.source_name == 'raw' else []) }}
        {%- endfor %}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.schema == 'intermediate' %}
        {{ create_missing_table(node, []) }}
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

{% macro raw_reserved_columns() %}
    {% do return(['_row BIGINT', '_file VARCHAR', '_record VARCHAR', '_error VARCHAR', '_absent VARCHAR[]']) %}
{% endmacro %}
