-- What became of each dataset's rows, in numbers and in percent kept.
with summary as (
    select * from {{ ref('dedup_summary') }}
    where raw_rows > 0
)

select
    type,
    dataset,
    raw_rows,
    quarantined,
    exact_duplicates,
    semantic_duplicates,
    filtered,
    kept,
    round(100.0 * kept / raw_rows, 1) as percent_kept
from summary
order by type, ordinal
