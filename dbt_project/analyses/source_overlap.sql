-- The pairs of datasets that have most in common, near-duplicates included.
with shared as (
    select * from {{ ref('source_overlap') }}
)

select
    type,
    dataset,
    other_dataset,
    exact_shared,
    semantic_shared,
    round(100 * semantic_share, 1) as percent_of_dataset
from shared
order by semantic_share desc, type asc, dataset asc, other_dataset asc
