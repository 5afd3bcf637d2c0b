with summaries as (
    {%- for type in types() %}
    select * from {{ ref('int_' ~ type ~ '_summary') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from summaries
