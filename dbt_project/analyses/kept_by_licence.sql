-- Under which licences the kept rows stand, and what those forbid.
with summary as (
    select * from {{ ref('dedup_summary') }}
    where raw_rows > 0
)

select
    licence,
    non_commercial,
    no_redistribution,
    count(distinct dataset) as n_datasets,
    sum(raw_rows) as raw_rows,
    sum(kept) as kept
from summary
group by licence, non_commercial, no_redistribution
order by kept desc, licence asc
