-- Raw rows, counted in the raw tables, are kept, exact or semantic duplicates, filtered or quarantined; none is lost.
{{ config(meta={'dagster': {'ref': {'name': 'dedup_summary'}}}) }}
with raw_rows as (
    {%- for entry in registry() %}
    select
        '{{ entry.name }}' as raw_table,
        count(*) as n_rows
    from {{ api.Relation.create(schema='raw', identifier=entry.name) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select null as raw_table
    {%- endfor %}
),

summary as (
    select * from {{ ref('dedup_summary') }}
),

types_run as (
    select type from summary
    group by type
    having sum(raw_rows) > 0
)

select
    summary.type,
    summary.dataset,
    raw_rows.n_rows,
    summary.raw_rows,
    summary.quarantined,
    summary.exact_duplicates,
    summary.semantic_duplicates,
    summary.filtered,
    summary.kept
from summary
inner join types_run on summary.type = types_run.type
inner join raw_rows on summary.raw_table = raw_rows.raw_table
where
    raw_rows.n_rows != summary.raw_rows
    or raw_rows.n_rows
    != summary.quarantined
    + summary.exact_duplicates
    + summary.semantic_duplicates
    + summary.filtered
    + summary.kept
