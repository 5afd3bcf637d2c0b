{#- The schema is the layer's name as it stands: staging, intermediate, ml, marts. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
