{#- int_<type>_summary: what became of each dataset's rows. -#}
{% macro summary(type) -%}
with datasets as (
    {{ registered_datasets(type) }}
),

loads as (
    select * from {{ source('loads', '_loads') }}
),

extracted as (
    select
        dataset,
        count(*) as raw_rows,
        count(reject_reason) as quarantined
    from {{ ref('int_' ~ type ~ '_extracted') }}
    group by dataset
),

duplicates as (
    select
        dataset,
        count(*) as exact_duplicates,
        count(distinct row(merged_prompt_id, solution_key)) filter (where has_other_solution) as other_solutions_removed
    from {{ ref('int_' ~ type ~ '_duplicates') }}
    group by dataset
),

survivors as (
    select
        dataset,
        count(*) filter (where not is_kept and filter_reason is null) as semantic_duplicates,
        count(filter_reason) as filtered,
        count(*) filter (where is_kept) as kept,
        count(*) filter (where is_kept and not is_comparable) as not_comparable
    from {{ ref('int_' ~ type ~ '_survivors') }}
    group by dataset
),

settings as (
    select
        any_value(eps) as eps,
        any_value(min_samples) as min_samples,
        any_value(metric) as metric,
        any_value(model) as model,
        any_value(model_licence) as model_licence,
        any_value(model_non_commercial) as model_non_commercial
    from {{ source('ml', type ~ '_clusters') }}
),

final as (
    select
        '{{ type }}' as type,
        datasets.dataset,
        datasets.ordinal,
        datasets.raw_table,
        coalesce(loads.status, 'not loaded') as status,
        coalesce(extracted.raw_rows, 0) as raw_rows,
        coalesce(extracted.quarantined, 0) as quarantined,
        coalesce(duplicates.exact_duplicates, 0) as exact_duplicates,
        coalesce(survivors.semantic_duplicates, 0) as semantic_duplicates,
        coalesce(survivors.filtered, 0) as filtered,
        coalesce(survivors.kept, 0) as kept,
        coalesce(survivors.not_comparable, 0) as not_comparable,
        coalesce(duplicates.other_solutions_removed, 0) as other_solutions_removed,
        datasets.licence,
        datasets.non_commercial,
        datasets.no_redistribution,
        datasets.revision,
        settings.eps,
        settings.min_samples,
        settings.metric,
        settings.model,
        settings.model_licence,
        settings.model_non_commercial,
        loads.error as load_error
    from datasets
    left join loads on datasets.raw_table = loads.raw_table
    left join extracted on datasets.dataset = extracted.dataset
    left join duplicates on datasets.dataset = duplicates.dataset
    left join survivors on datasets.dataset = survivors.dataset
    cross join settings
)

select * from final
{%- endmacro %}
