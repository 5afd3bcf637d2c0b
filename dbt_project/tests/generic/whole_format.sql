{#- A unified view in one scan: the key is unique, the format's columns are never null, no kept row is missing. -#}
{% test whole_format(model, key, required, row_count_of) %}
with scanned as (
    select
        count(*) as n_rows,
        count(distinct {{ key }}) as n_keys,
        {%- for column in required %}
        count(*) filter (where {{ column }} is null) as n_null_{{ column }},
        {%- endfor %}
        count(*) filter (where source_prompt_id != split_part(source_prompt_id, '_', 1) || '_' || dataset) as n_wrong_ids
    from {{ model }}
),

expected as (
    select count(*) as n_kept from {{ row_count_of }}
    where is_kept
)

select * from scanned
cross join expected
where
    n_rows != n_keys
    or n_rows != n_kept
    or n_wrong_ids > 0
    {%- for column in required %}
    or n_null_{{ column }} > 0
    {%- endfor %}
{% endtest %}
