with survivors as (
    {{ union_types('_survivors') }}
),

final as (
    select
        type,
        all_prompt_id,
        source_prompt_id,
        dataset,
        _row,
        filter_reason as reason,
        filter_value as value,
        filter_threshold as threshold,
        n_exact_copies
    from survivors
    where filter_reason is not null
)

select * from final
