with sweeps as (
    {%- for type in types() %}
    select
        '{{ type }}' as type,
        *
    from {{ source('ml', type ~ '_eps_sweep') }}
    {%- if not loop.last %}
    union all by name
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        type,
        eps,
        1 - eps * eps / 2 as cosine_similarity,
        clusters,
        removed,
        noise,
        largest_cluster,
        widest_link,
        near_eps,
        precision,
        recall
    from sweeps
)

select * from final
