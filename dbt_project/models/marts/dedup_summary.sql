with summaries as (
    {%- for type in types() %}
    select * from {{ ref('int_' ~ type ~ '_summary') }}
    {%- if not loop.last %}
    union all by name
    {%- endif %}
    {%- endfor %}
)

select * from summaries
