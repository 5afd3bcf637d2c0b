{#-
  The filters that the settings switch on, in the order in which they are asked; a merged row that one of them takes
  is not kept. Each has its reason code, the value that it looks at, the threshold, and when that fails. A null value
  never fails. The value is an expression over the CTE measured of int_<type>_survivors.
-#}
{% macro row_filters() %}
    {%- set filters = [] -%}
    {%- if var('contamination') == 'remove' and var('contamination_methods') -%}
        {%- do filters.append({
            'reason': 'contaminated',
            'value': 'repeated_benchmarks',
            'threshold': 'found by none of ' ~ var('contamination_methods') | join(', '),
            'fails': 'repeated_benchmarks is not null',
        }) -%}
    {%- endif -%}
    {%- if var('keep_languages') -%}
        {%- do filters.append({
            'reason': 'language',
            'value': 'language',
            'threshold': var('keep_languages') | join(', '),
            'fails': 'language not in (' ~ text_literals(var('keep_languages')) ~ ')',
        }) -%}
    {%- endif -%}
    {%- for setting, reason, value, sign in [
        ('keep_min_chars', 'too_few_chars', 'prompt_chars', '<'),
        ('keep_max_chars', 'too_many_chars', 'prompt_chars', '>'),
        ('keep_min_tokens', 'too_few_tokens', 'n_tokens', '<'),
        ('keep_max_tokens', 'too_many_tokens', 'n_tokens', '>'),
    ] if var(setting) is not none -%}
        {%- do filters.append({
            'reason': reason,
            'value': value,
            'threshold': var(setting) | string,
            'fails': value ~ ' ' ~ sign ~ ' ' ~ var(setting),
        }) -%}
    {%- endfor -%}
    {% do return(filters) %}
{% endmacro %}

{#- The first filter that takes a row, as a struct of reason, value and threshold; null for a row that passes them all. -#}
{% macro failed_filter() -%}
    {%- if row_filters() -%}
    case
        {%- for filter in row_filters() %}
        when {{ filter.fails }}
            then struct_pack(
                reason := '{{ filter.reason }}',
                value := {{ filter.value }}::varchar,
                threshold := {{ text_literal(filter.threshold) }}
            )
        {%- endfor %}
    end
    {%- else -%}
    null::struct(reason varchar, "value" varchar, threshold varchar)
    {%- endif -%}
{%- endmacro %}
