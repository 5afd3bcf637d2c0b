-- contributors holds every raw row that is not quarantined, once, under a row that is kept.
{{ config(meta={'dagster': {'ref': {'name': 'contributors'}}}) }}
with contributing as (
    select
        type,
        dataset,
        count(*) as n_rows,
        count(*) filter (where reason = 'kept') as kept
    from {{ ref('contributors') }}
    group by type, dataset
),

summary as (
    select * from {{ ref('dedup_summary') }}
)

select
    summary.type,
    summary.dataset
from summary
left join contributing
    on summary.type = contributing.type and summary.dataset = contributing.dataset
where
    coalesce(contributing.n_rows, 0) != summary.raw_rows - summary.quarantined
    or coalesce(contributing.kept, 0) != summary.kept
