{#- One relation of each type, stacked, with the type's name in front. -#}
{% macro union_types(suffix) %}
    {%- for type in types() %}
    select
        '{{ type }}' as type,
        *
    from {{ ref('int_' ~ type ~ suffix) }}
    {%- if not loop.last %}
    union all by name
    {%- endif %}
    {%- endfor %}
{% endmacro %}
