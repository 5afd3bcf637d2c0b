-- A tie written with the same text twice would teach a trainer that a response beats itself.
{{ config(meta={'dagster': {'ref': {'name': 'unified_preference'}}}) }}
select all_prompt_id
from {{ ref('unified_preference') }}
where
    (is_tie and (chosen != '' or rejected != '' or chosen_turns is not null or rejected_turns is not null))
    or (not is_tie and (chosen = '' or rejected = ''))
