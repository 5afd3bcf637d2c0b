-- all_prompt_id indexes the rows of the label and embedding arrays, so it has no holes.
{{ config(meta={'dagster': {'ref': {'name': 'top_clusters'}}}) }}
{% for type in types() %}
select '{{ type }}' as type
from {{ ref('int_' ~ type ~ '_merged') }}
having count(*) > 0 and (min(all_prompt_id) != 0 or max(all_prompt_id) != count(*) - 1)
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
-- depends_on: {{ ref('top_clusters') }}
