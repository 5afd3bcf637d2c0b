-- duplicate_pairs holds as many rows of each dataset as dedup_summary counts as removed.
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

summary as (
    select * from {{ ref('dedup_summary') }}
)

select
    summary.type,
    summary.dataset
from summary
left join explained
    on summary.type = explained.type and summary.dataset = explained.dataset
where
    summary.exact_duplicates != coalesce(explained.exact_duplicates, 0)
    or summary.semantic_duplicates != coalesce(explained.semantic_duplicates, 0)
