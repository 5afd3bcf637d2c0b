-- The rows that one cluster lost, the row that stands for them, and how far they are from it.
with pairs as (
    select * from {{ ref('duplicate_pairs') }}
)

select
    source_prompt_id,
    reason,
    survivor_source_prompt_id,
    round(distance, 3) as distance,
    n_cluster_members
from pairs
where type = 'sft'
order by n_cluster_members desc, survivor_prompt_id asc, distance asc, source_prompt_id asc
limit 5
