{#- int_<type>_overlap: what two datasets have in common; a dataset with itself counts what it has. -#}
{% macro overlap(type) -%}
with extracted as (
    select distinct
        dataset,
        exact_key
    from {{ ref('int_' ~ type ~ '_extracted') }}
    where reject_reason is null
),

merged as (
    select * from {{ ref('int_' ~ type ~ '_merged') }}
),

survivors as (
    select * from {{ ref('int_' ~ type ~ '_survivors') }}
),

members as (
    select
        extracted.dataset,
        extracted.exact_key,
        case when survivors.cluster_id >= 0 then survivors.cluster_id else -1 - survivors.all_prompt_id end as cluster_place
    from extracted
    inner join merged on extracted.exact_key = merged.exact_key
    inner join survivors on merged.all_prompt_id = survivors.all_prompt_id
),

cluster_members as (
    select distinct
        dataset,
        cluster_place
    from members
),

exact as (
    select
        a.dataset,
        b.dataset as other_dataset,
        count(*) as exact_prompts
    from members as a
    inner join members as b on a.exact_key = b.exact_key
    group by a.dataset, b.dataset
),

semantic as (
    select
        a.dataset,
        b.dataset as other_dataset,
        count(*) as clusters
    from cluster_members as a
    inner join cluster_members as b on a.cluster_place = b.cluster_place
    group by a.dataset, b.dataset
),

final as (
    select
        semantic.dataset,
        semantic.other_dataset,
        coalesce(exact.exact_prompts, 0) as exact_prompts,
        semantic.clusters
    from semantic
    left join exact
        on semantic.dataset = exact.dataset and semantic.other_dataset = exact.other_dataset
)

select * from final
{%- endmacro %}
