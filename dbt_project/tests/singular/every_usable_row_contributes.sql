-- contributors holds every raw row that is not quarantined, once, under a row that is kept; a filtered row and its
-- exact copies contribute to none.
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

copies_of_filtered as (
    select
        type,
        dataset,
        count(*) as n_rows
    from {{ ref('duplicate_pairs') }}
    where survivor_filter_reason is not null
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
left join copies_of_filtered
    on summary.type = copies_of_filtered.type and summary.dataset = copies_of_filtered.dataset
where
    coalesce(contributing.n_rows, 0)
    != summary.raw_rows - summary.quarantined - summary.filtered - coalesce(copies_of_filtered.n_rows, 0)
    or coalesce(contributing.kept, 0) != summary.kept
