-- A text that the model cannot read or see whole must never be merged by its vector.
{{ config(meta={'dagster': {'ref': {'name': 'duplicate_pairs'}}}) }}
{% for type in types() %}
select
    '{{ type }}' as type,
    all_prompt_id
from {{ ref('int_' ~ type ~ '_survivors') }}
where not is_comparable and not is_kept and filter_reason is null
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
-- depends_on: {{ ref('duplicate_pairs') }}
