-- Why rows cannot be used, by dataset.
with quarantined as (
    select * from {{ ref('quarantine') }}
)

select
    type,
    reason,
    count(*) as n_rows,
    string_agg(distinct dataset, ', ' order by dataset) as datasets
from quarantined
group by type, reason
order by type asc, n_rows desc, reason asc
