-- A removed row whose survivor was removed as well would lose its text: both members of a pair would be gone.
-- Only what a setting took out goes with all of its exact copies; it never stands for a near-duplicate.
{{ config(meta={'dagster': {'ref': {'name': 'duplicate_pairs'}}}) }}
with pairs as (
    select * from {{ ref('duplicate_pairs') }}
),

kept as (
    {%- for type in types() %}
    select
        '{{ type }}' as type,
        all_prompt_id
    from {{ ref('int_' ~ type ~ '_survivors') }}
    where is_kept
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select pairs.*
from pairs
left join kept
    on pairs.type = kept.type and pairs.survivor_prompt_id = kept.all_prompt_id
where kept.all_prompt_id is null and (pairs.survivor_filter_reason is null or pairs.reason = 'semantic')
