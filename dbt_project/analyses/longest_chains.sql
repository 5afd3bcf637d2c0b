-- The clusters that reach farthest beyond eps, and the longest link that holds each together: a smaller eps cuts it.
with pairs as (
    select distinct
        cluster_id,
        n_cluster_members,
        widest_distance
    from {{ ref('duplicate_pairs') }}
    where type = 'sft' and n_cluster_members > 1
),

clusters as (
    select * from {{ source('ml', 'sft_clusters') }}
),

forest as (
    select * from {{ source('ml', 'sft_forest') }}
)

select
    pairs.cluster_id,
    pairs.n_cluster_members,
    round(pairs.widest_distance, 3) as widest_distance,
    round(max(forest.distance), 3) as widest_link,
    round(pairs.widest_distance / max(if(a.metric = 'cosine', sqrt(2 * a.eps), a.eps)), 2) as times_eps
from pairs
inner join clusters as a on pairs.cluster_id = a.cluster_id
inner join forest on a.text_key = forest.text_key_a
inner join clusters as b on forest.text_key_b = b.text_key and a.cluster_id = b.cluster_id
group by pairs.cluster_id, pairs.n_cluster_members, pairs.widest_distance
order by times_eps desc, pairs.cluster_id asc
