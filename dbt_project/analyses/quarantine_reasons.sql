-- Why rows cannot be used, and in how many datasets.
with quarantined as (
    select * from {{ ref('quarantine') }}
)

select
    reason,
    count(*) as n_rows,
    count(distinct dataset) as n_datasets
from quarantined
group by reason
order by n_rows desc, reason asc
