with duplicates as (
    {{ union_types('_duplicates') }}
),

survivors as (
    {{ union_types('_survivors') }}
),

clusters as (
    select
        type,
        cluster_id,
        max(distance_to_survivor) as widest_distance
    from survivors
    where n_cluster_members > 1
    group by type, cluster_id
),

removed as (
    select
        duplicates.type,
        'exact' as reason,
        duplicates.source_prompt_id,
        null::bigint as all_prompt_id,
        duplicates.dataset,
        duplicates._row,
        duplicates.merged_prompt_id
    from duplicates
    union all
    select
        type,
        'semantic' as reason,
        source_prompt_id,
        all_prompt_id,
        dataset,
        _row,
        all_prompt_id as merged_prompt_id
    from survivors
    where not is_kept
),

final as (
    select
        removed.type,
        removed.source_prompt_id,
        removed.all_prompt_id,
        removed.dataset,
        removed._row,
        removed.reason,
        removed.merged_prompt_id,
        survivor.all_prompt_id as survivor_prompt_id,
        survivor.source_prompt_id as survivor_source_prompt_id,
        case when merged.is_kept then 0 else merged.distance_to_survivor end as distance,
        merged.cluster_id,
        merged.n_cluster_members,
        clusters.widest_distance,
        '{{ var("survivor_policy") }}' as survivor_policy
    from removed
    inner join survivors as merged
        on removed.type = merged.type and removed.merged_prompt_id = merged.all_prompt_id
    inner join survivors as survivor
        on merged.type = survivor.type and merged.survivor_prompt_id = survivor.all_prompt_id
    left join clusters
        on merged.type = clusters.type and merged.cluster_id = clusters.cluster_id
)

select * from final
