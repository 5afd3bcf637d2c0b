{#- int_<type>_survivors: each merged row, the filter that took it, its cluster, the row that stands for it and how far that is. -#}
{% macro survivors(type) -%}
with merged as (
    select * exclude (prompt) from {{ ref('int_' ~ type ~ '_merged') }}
),

clusters as (
    select * from {{ source('ml', type ~ '_clusters') }}
),

embeddings as (
    select * from {{ source('ml', type ~ '_embeddings') }}
),

languages as (
    select * from {{ source('ml', type ~ '_languages') }}
),

contamination as (
    select
        all_prompt_id,
        string_agg(distinct benchmark, ', ' order by benchmark) as contaminated_by,
        string_agg(distinct benchmark, ', ' order by benchmark)
            filter (where method in ({{ text_literals(var('contamination_methods')) }})) as repeated_benchmarks
    from {{ source('ml', type ~ '_contamination') }}
    group by all_prompt_id
),

measured as (
    select
        merged.*,
        contamination.contaminated_by,
        contamination.repeated_benchmarks,
        languages.language,
        embeddings.n_tokens
    from merged
    left join contamination on merged.all_prompt_id = contamination.all_prompt_id
    left join languages on merged.text_key = languages.text_key
    left join embeddings on merged.text_key = embeddings.text_key
),

filtered as (
    select
        *,
        {{ failed_filter() }} as failed
    from measured
),

passing as (
    select * from filtered
    where failed is null
),

cluster_survivors as (
    select
        clusters.cluster_id,
        count(*) as n_cluster_members,
        arg_min(
            struct_pack(all_prompt_id := passing.all_prompt_id, text_key := passing.text_key),
            row({{ survivor_rank() }}, passing.all_prompt_id)
        ) as survivor
    from passing
    inner join clusters on passing.text_key = clusters.text_key
    where clusters.cluster_id >= 0 and clusters.is_comparable
    group by clusters.cluster_id
),

labelled as (
    select
        filtered.*,
        clusters.cluster_id,
        clusters.is_comparable,
        coalesce(cluster_survivors.n_cluster_members, 1) as n_cluster_members,
        coalesce(cluster_survivors.survivor.all_prompt_id, filtered.all_prompt_id) as cluster_survivor_id,
        cluster_survivors.survivor.text_key as survivor_text_key
    from filtered
    left join clusters on filtered.text_key = clusters.text_key
    left join cluster_survivors
        on case when filtered.failed is null then clusters.cluster_id end = cluster_survivors.cluster_id
),

distances as (
    select
        labelled.all_prompt_id,
        list_distance(member.embedding::double[], survivor.embedding::double[]) as distance
    from labelled
    inner join embeddings as member on labelled.text_key = member.text_key
    inner join embeddings as survivor on labelled.survivor_text_key = survivor.text_key
    where labelled.n_cluster_members > 1 and labelled.text_key != labelled.survivor_text_key
),

judged as (
    select
        labelled.*,
        case when labelled.n_cluster_members > 1 then coalesce(distances.distance, 0) end as distance,
        labelled.all_prompt_id = labelled.cluster_survivor_id
        {%- if var('max_distance_to_survivor') is not none %}
        or coalesce(distances.distance > {{ var('max_distance_to_survivor') }}, false)
        {%- endif %} as stands_for_itself
    from labelled
    left join distances on labelled.all_prompt_id = distances.all_prompt_id
),

widest as (
    select
        cluster_survivor_id,
        max(distance) as widest_distance
    from judged
    where n_cluster_members > 1
    group by cluster_survivor_id
),

final as (
    select
        judged.all_prompt_id,
        judged.source_prompt_id,
        judged.dataset,
        judged.ordinal,
        judged._row,
        judged.text_key,
        judged.cluster_id,
        judged.n_cluster_members,
        judged.n_exact_copies,
        coalesce(judged.is_comparable, false) as is_comparable,
        case when judged.stands_for_itself then judged.all_prompt_id else judged.cluster_survivor_id end as survivor_prompt_id,
        judged.distance as distance_to_survivor,
        widest.widest_distance,
        judged.stands_for_itself and judged.failed is null as is_kept,
        judged.failed.reason as filter_reason,
        judged.failed.value as filter_value,
        judged.failed.threshold as filter_threshold,
        judged.contaminated_by,
        judged.language,
        judged.prompt_chars,
        judged.solution_chars,
        judged.n_tokens
    from judged
    left join widest
        on case when judged.n_cluster_members > 1 then judged.cluster_survivor_id end = widest.cluster_survivor_id
)

select * from final
{%- endmacro %}
