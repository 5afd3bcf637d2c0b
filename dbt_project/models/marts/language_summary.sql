with survivors as (
    {{ union_types('_survivors') }}
),

final as (
    select
        type,
        dataset,
        coalesce(language, 'und') as language,
        count(*) as merged_rows,
        count(*) filter (where is_kept) as kept,
        count(*) filter (where not is_kept and filter_reason is null) as semantic_duplicates,
        count(filter_reason) as filtered,
        sum(prompt_chars) filter (where is_kept)::bigint as prompt_chars,
        quantile_disc(prompt_chars, 0.5) filter (where is_kept) as median_prompt_chars,
        quantile_disc(prompt_chars, 0.95) filter (where is_kept) as p95_prompt_chars,
        sum(solution_chars) filter (where is_kept)::bigint as solution_chars,
        quantile_disc(solution_chars, 0.5) filter (where is_kept) as median_solution_chars,
        quantile_disc(solution_chars, 0.95) filter (where is_kept) as p95_solution_chars,
        sum(n_tokens) filter (where is_kept)::bigint as tokens,
        quantile_disc(n_tokens, 0.5) filter (where is_kept) as median_tokens,
        quantile_disc(n_tokens, 0.95) filter (where is_kept) as p95_tokens
    from survivors
    group by type, dataset, coalesce(language, 'und')
)

select * from final
