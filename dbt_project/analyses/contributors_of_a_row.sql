-- The rows behind one that was kept: where they come from, at which revision, under which licence.
with contributors as (
    select * from {{ ref('contributors') }}
)

select
    contributor_prompt_id,
    reason,
    round(distance, 3) as distance,
    revision,
    licence,
    non_commercial,
    no_redistribution
from contributors
where type = 'sft' and source_prompt_id = '1_allenai/tulu-3-sft-olmo-2-mixture-0225'
order by distance asc, contributor_prompt_id asc
