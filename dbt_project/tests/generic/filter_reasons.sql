{#- The reason codes of the filters, the same in every type. -#}
{% test filter_reasons(model, column_name) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} not in (
    'contaminated', 'language', 'too_few_chars', 'too_many_chars', 'too_few_tokens', 'too_many_tokens'
)
{% endtest %}
