with shared as (
    {{ union_types('_overlap') }}
),

itself as (
    select
        type,
        dataset,
        exact_prompts,
        clusters
    from shared
    where dataset = other_dataset
),

final as (
    select
        shared.type,
        shared.dataset,
        shared.other_dataset,
        itself.exact_prompts as prompts,
        shared.exact_prompts as exact_shared,
        shared.exact_prompts / itself.exact_prompts as exact_share,
        itself.clusters,
        shared.clusters as semantic_shared,
        shared.clusters / itself.clusters as semantic_share
    from shared
    inner join itself
        on shared.type = itself.type and shared.dataset = itself.dataset
    where shared.dataset != shared.other_dataset
)

select * from final
