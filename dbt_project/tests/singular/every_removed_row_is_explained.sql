-- duplicate_pairs and filtered hold as many rows of each dataset as dedup_summary counts as removed.
{{ config(meta={'dagster': {'ref': {'name': 'duplicate_pairs'}}}) }}
with explained as (
    select
        type,
        dataset,
        count(*) filter (where reason = 'exact') as exact_duplicates,
        count(*) filter (where reason = 'semantic') as semantic_duplicates
    from {{ ref('duplicate_pairs') }}
    group by type, dataset
),

filtered as (
    select
        type,
        dataset,
        count(*) as n_rows
    from {{ ref('filtered') }}
    group by type, dataset
),

summary as (
    select * from {{ ref('dedup_summary') }}
)

select
    summary.type,
    summary.dataset
from summary
left join explained
    on summary.type = explained.type and summary.dataset = explained.dataset
left join filtered
    on summary.type = filtered.type and summary.dataset = filtered.dataset
where
    summary.exact_duplicates != coalesce(explained.exact_duplicates, 0)
    or summary.semantic_duplicates != coalesce(explained.semantic_duplicates, 0)
    or summary.filtered != coalesce(filtered.n_rows, 0)
