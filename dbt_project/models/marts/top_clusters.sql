with survivors as (
    {{ union_types('_survivors') }}
),

members as (
    select * from survivors
    where n_cluster_members > 1
),

prompts as (
    {{ union_types('_merged') }}
),

clusters as (
    select
        type,
        cluster_id,
        row_number() over (partition by type order by count(*) desc, cluster_id) as cluster_rank
    from members
    group by type, cluster_id
),

final as (
    select
        clusters.type,
        clusters.cluster_rank,
        clusters.cluster_id,
        members.n_cluster_members,
        members.widest_distance,
        members.all_prompt_id,
        members.source_prompt_id,
        members.dataset,
        members.is_kept,
        members.distance_to_survivor,
        prompts.prompt
    from clusters
    inner join members
        on clusters.type = members.type and clusters.cluster_id = members.cluster_id
    inner join prompts
        on members.type = prompts.type and members.all_prompt_id = prompts.all_prompt_id
    where clusters.cluster_rank <= {{ var('top_clusters') }}
)

select * from final
