with survivors as (
    {{ union_types('_survivors') }}
),

prompts as (
    {{ union_types('_merged') }}
),

clusters as (
    select
        type,
        cluster_id,
        max(distance_to_survivor) as widest_distance,
        row_number() over (partition by type order by count(*) desc, cluster_id) as cluster_rank
    from survivors
    where n_cluster_members > 1
    group by type, cluster_id
),

final as (
    select
        clusters.type,
        clusters.cluster_rank,
        clusters.cluster_id,
        survivors.n_cluster_members,
        clusters.widest_distance,
        survivors.all_prompt_id,
        survivors.source_prompt_id,
        survivors.dataset,
        survivors.is_kept,
        survivors.distance_to_survivor,
        prompts.prompt
    from clusters
    inner join survivors
        on clusters.type = survivors.type and clusters.cluster_id = survivors.cluster_id
    inner join prompts
        on survivors.type = prompts.type and survivors.all_prompt_id = prompts.all_prompt_id
    where clusters.cluster_rank <= {{ var('top_clusters') }}
)

select * from final
