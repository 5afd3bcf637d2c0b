{#- Null, or nothing but white space, Unicode's included. -#}
{% macro is_blank(text) -%}
    ({{ text }} is null or not regexp_matches({{ text }}, '[^\s\v\x1c-\x1f\x85\pZ]'))
{%- endmacro %}

{#- Whether the text to embed is the prompt with its solution. -#}
{% macro text_has_solution() %}
    {% do return(var('text') == 'prompt_solution') %}
{% endmacro %}

{#- Rows with the same key are exact duplicates. -#}
{% macro exact_key() -%}
    {%- if var('exact_key') == 'prompt_solution' or text_has_solution() -%}
    sha256(sha256(prompt) || sha256(coalesce(solution, '')))
    {%- else -%}
    sha256(prompt)
    {%- endif -%}
{%- endmacro %}

{#- The text to embed. -#}
{% macro embedded_text() -%}
    {%- if text_has_solution() -%}
    prompt || coalesce(chr(10) || nullif(solution, ''), '')
    {%- else -%}
    prompt
    {%- endif -%}
{%- endmacro %}

{% macro source_prompt_id(relation) -%} {{ relation }}._row || '_' || {{ relation }}.dataset {%- endmacro %}

{#- What a survivor has least of in its group; ties go to the lowest (ordinal, _row). -#}
{% macro survivor_rank() -%}
    {%- set ranks = {
        'lowest_id': '0',
        'longest_answer': '-coalesce(solution_chars, 0)',
        'decided_first': 'coalesce(is_tie, false)::integer',
        'source_priority': source_rank(),
    } -%}
    {%- if var('survivor_policy') not in ranks -%}
        {{ exceptions.raise_compiler_error(
            'survivor_policy is ' ~ var('survivor_policy') ~ '; it can be ' ~ ranks | join(', ')
        ) }}
    {%- endif -%}
    {{ ranks[var('survivor_policy')] }}
{%- endmacro %}

{#- Place of the dataset in source_priority; those not named come last. -#}
{% macro source_rank() -%}
    {%- set named = var('source_priority') -%}
    case dataset
    {%- for name in named %} when {{ text_literal(name) }} then {{ loop.index0 }}
    {%- endfor %} else {{ named | length }} end
{%- endmacro %}
