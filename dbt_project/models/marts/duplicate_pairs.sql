with duplicates as (
    {{ union_types('_duplicates') }}
),

survivors as (
    {{ union_types('_survivors') }}
),

links as (
    {{ union_types('_links') }}
),

removed as (
    select
        duplicates.type,
        'exact' as reason,
        duplicates.source_prompt_id,
        null::bigint as all_prompt_id,
        duplicates.dataset,
        duplicates._row,
        duplicates.merged_prompt_id,
        duplicates.merged_prompt_id as linked_prompt_id,
        0 as link_distance
    from duplicates
    union all
    select
        survivors.type,
        'semantic' as reason,
        survivors.source_prompt_id,
        survivors.all_prompt_id,
        survivors.dataset,
        survivors._row,
        survivors.all_prompt_id as merged_prompt_id,
        links.linked_prompt_id,
        links.link_distance
    from survivors
    left join links on survivors.type = links.type and survivors.all_prompt_id = links.all_prompt_id
    where not survivors.is_kept and survivors.filter_reason is null
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
        survivor.filter_reason as survivor_filter_reason,
        case when merged.all_prompt_id = survivor.all_prompt_id then 0 else merged.distance_to_survivor end as distance,
        removed.linked_prompt_id,
        linked.source_prompt_id as linked_source_prompt_id,
        removed.link_distance,
        merged.cluster_id,
        merged.n_cluster_members,
        merged.widest_distance,
        '{{ var("survivor_policy") }}' as survivor_policy
    from removed
    inner join survivors as merged
        on removed.type = merged.type and removed.merged_prompt_id = merged.all_prompt_id
    inner join survivors as survivor
        on merged.type = survivor.type and merged.survivor_prompt_id = survivor.all_prompt_id
    left join survivors as linked
        on removed.type = linked.type and removed.linked_prompt_id = linked.all_prompt_id
)

select * from final
