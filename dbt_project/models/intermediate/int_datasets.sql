with registry as (
    {%- for entry in registry() %}
    {%- set outer = loop %}
    {%- for feed in entry.meta.feeds %}
    select
        {{ text_literal(feed.type) }} as type,
        {{ text_literal(entry.meta.dataset) }} as dataset,
        {{ feed.ordinal }} as ordinal,
        {{ text_literal(entry.name) }} as raw_table,
        {{ text_literal(entry.meta.repo) }} as repo,
        {{ text_literal(entry.meta.config) }} as config,
        {{ text_literal(entry.meta.split) }} as split,
        {{ text_literal(entry.meta.revision) }} as revision,
        {{ text_literal(entry.meta.licence) }} as licence,
        {{ entry.meta.gated | lower }} as is_gated
    {%- if not (outer.last and loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- else %}
    select null as type
    {%- endfor %}
),

loads as (
    select * from {{ source('loads', '_loads') }}
),

final as (
    select
        registry.*,
        coalesce(loads.status, 'not loaded') as status,
        loads.error as load_error
    from registry
    left join loads on registry.raw_table = loads.raw_table
)

select * from final
