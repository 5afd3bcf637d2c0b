-- How many of the kept pairs are ties, which have neither a chosen nor a rejected response.
with pairs as (
    select * from {{ ref('unified_preference') }}
)

select
    dataset,
    count(*) as kept,
    count(*) filter (where is_tie) as n_ties,
    round(100.0 * count(*) filter (where is_tie) / count(*), 1) as percent_ties
from pairs
group by dataset
order by n_ties desc, dataset asc
