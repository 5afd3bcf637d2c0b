{#-
  int_<type>_links: by which other row of its cluster a removed row hangs on it, and how far that is: a row of the same
  text, else one of the nearest text. For min_samples 1 the forest knows that text, as the shortest edge at a point of a
  minimum spanning forest leads to its nearest neighbour; for more the forest's distances are those of mutual
  reachability, and the points name their nearest texts.
-#}
{% macro links(type) -%}
with survivors as (
    select * from {{ ref('int_' ~ type ~ '_survivors') }}
    where cluster_id >= 0 and is_comparable and (n_cluster_members > 1 or filter_reason is not null)
),

removed as (
    select * from survivors
    where not is_kept and filter_reason is null
),

texts as (
    select
        text_key,
        any_value(cluster_id) as cluster_id,
        min(all_prompt_id, 2) as prompt_ids
    from survivors
    group by text_key
),

points as (
    select * from {{ source('ml', type ~ '_forest_points') }}
),

edges as (
    select * from {{ source('ml', type ~ '_forest') }}
    where (select max(points.min_samples) from points) = 1
),

pairs as (
    select
        text_key,
        unnest(neighbor_keys) as near_key,
        unnest(neighbor_squared_distances) as squared_distance
    from points
    union all
    select
        text_key_a as text_key,
        text_key_b as near_key,
        squared_distance
    from edges
    union all
    select
        text_key_b as text_key,
        text_key_a as near_key,
        squared_distance
    from edges
),

nearest as (
    select
        pairs.text_key,
        arg_min(
            struct_pack(prompt_id := near.prompt_ids[1], distance := sqrt(pairs.squared_distance)),
            row(pairs.squared_distance, near.prompt_ids[1])
        ) as link
    from pairs
    semi join removed on pairs.text_key = removed.text_key
    inner join texts as near on pairs.near_key = near.text_key
    inner join texts as here on pairs.text_key = here.text_key and near.cluster_id = here.cluster_id
    group by pairs.text_key
),

final as (
    select
        removed.all_prompt_id,
        case
            when len(texts.prompt_ids) = 1 then nearest.link.prompt_id
            when texts.prompt_ids[1] = removed.all_prompt_id then texts.prompt_ids[2]
            else texts.prompt_ids[1]
        end as linked_prompt_id,
        case when len(texts.prompt_ids) = 1 then nearest.link.distance else 0 end as link_distance
    from removed
    inner join texts on removed.text_key = texts.text_key
    left join nearest on removed.text_key = nearest.text_key
)

select * from final
{%- endmacro %}
