-- What a smaller eps would bring back (min_samples 1): a row whose link is longer, surely; one that is that near to its
-- survivor, surely not; for the others the rows between decide. eps_sweep has the exact number by type.
{% set smaller_eps = 0.1 %}
with removed as (
    select * from {{ ref('duplicate_pairs') }}
    where reason = 'semantic'
),

sweep as (
    select
        type,
        max(removed) as removed_in_type
    from {{ ref('eps_sweep') }}
    where eps <= {{ smaller_eps }}
    group by type
)

select
    removed.type,
    removed.dataset,
    count(*) as removed,
    count(*) filter (where removed.link_distance > {{ smaller_eps }}) as come_back,
    count(*) filter (where removed.distance <= {{ smaller_eps }}) as stay_removed,
    count(*) - come_back - stay_removed as undecided,
    any_value(sweep.removed_in_type) as removed_in_type_at_smaller_eps
from removed
left join sweep on removed.type = sweep.type
group by removed.type, removed.dataset
order by come_back desc, removed.type asc, removed.dataset asc
