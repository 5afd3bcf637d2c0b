with found as (
    {%- for type in types() %}
    select
        '{{ type }}' as type,
        *
    from {{ source('ml', type ~ '_contamination') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

survivors as (
    {{ union_types('_survivors') }}
),

items as (
    select * from {{ source('ml', 'benchmark_items') }}
),

final as (
    select
        found.type,
        found.all_prompt_id,
        survivors.source_prompt_id,
        survivors.dataset,
        survivors._row,
        found.benchmark,
        found.item,
        found.method,
        found.score,
        found.distance,
        found.matching_text,
        items.text as item_text,
        survivors.is_kept,
        survivors.n_exact_copies
    from found
    inner join survivors
        on found.type = survivors.type and found.all_prompt_id = survivors.all_prompt_id
    left join items
        on found.benchmark = items.benchmark and found.item = items.item
)

select * from final
