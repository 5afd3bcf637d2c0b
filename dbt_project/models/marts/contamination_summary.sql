with contamination as (
    select * from {{ ref('contamination') }}
),

benchmarks as (
    select
        benchmark,
        count(*) as items
    from {{ source('ml', 'benchmark_items') }}
    group by benchmark
),

found as (
    select
        type,
        dataset,
        benchmark,
        count(distinct all_prompt_id) as merged_rows,
        count(distinct all_prompt_id) filter (where is_kept) as kept,
        {%- for method in ['exact', 'ngram_8', 'ngram_13', 'embedding'] %}
        count(distinct all_prompt_id) filter (where method = '{{ method }}') as {{ method }},
        {%- endfor %}
        count(distinct item) as items_found
    from contamination
    group by type, dataset, benchmark
),

final as (
    select
        found.*,
        benchmarks.items,
        found.items_found / benchmarks.items as share_of_items
    from found
    left join benchmarks on found.benchmark = benchmarks.benchmark
)

select * from final
