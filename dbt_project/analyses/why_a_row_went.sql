-- The rows that a cluster lost, the row that stands for them, and by which row they hang on the cluster.
with pairs as (
    select * from {{ ref('duplicate_pairs') }}
)

select
    source_prompt_id,
    reason,
    survivor_source_prompt_id,
    round(distance, 3) as distance,
    linked_source_prompt_id,
    round(link_distance, 3) as link_distance,
    n_cluster_members,
    round(widest_distance, 3) as widest_distance,
    survivor_policy
from pairs
where type = 'sft'
order by n_cluster_members desc, survivor_prompt_id asc, distance asc, source_prompt_id asc
limit 5
