{{ config(materialized='view') }}
with quarantined as (
    {{ union_types('_quarantine') }}
),

final as (
    select
        type,
        dataset,
        _row,
        source_prompt_id,
        reason,
        detail,
        metadata
    from quarantined
)

select * from final
