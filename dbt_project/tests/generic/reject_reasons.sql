{#- The reason codes of the quarantine, the same in every type. -#}
{% test reject_reasons(model, column_name) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} not in (
    'unreadable_record', 'no_prompt', 'no_answer', 'no_thinking', 'unclosed_tags', 'reasoning_off',
    'unknown_verdict', 'missing_response', 'prefix_mismatch'
)
{% endtest %}
