{{ config(materialized='view') }}
with survivors as (
    {{ union_types('_survivors') }}
),

pairs as (
    select * from {{ ref('duplicate_pairs') }}
    where survivor_filter_reason is null
),

datasets as (
    select * from {{ ref('dedup_summary') }}
),

members as (
    select
        type,
        all_prompt_id,
        source_prompt_id,
        source_prompt_id as contributor_prompt_id,
        dataset,
        _row,
        'kept' as reason,
        0.0 as distance
    from survivors
    where is_kept
    union all
    select
        type,
        survivor_prompt_id as all_prompt_id,
        survivor_source_prompt_id as source_prompt_id,
        source_prompt_id as contributor_prompt_id,
        dataset,
        _row,
        reason,
        distance
    from pairs
),

final as (
    select
        members.*,
        datasets.revision,
        datasets.licence,
        datasets.non_commercial,
        datasets.no_redistribution
    from members
    inner join datasets
        on members.type = datasets.type and members.dataset = datasets.dataset
)

select * from final
