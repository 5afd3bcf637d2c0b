{#- The last step of int_<type>_extracted: keys and lengths in place of the texts of the CTE checked. -#}
{% macro extracted_columns() -%}
    select
        dataset,
        ordinal,
        _row,
        case when reject_reason is null then {{ exact_key() }} end as exact_key,
        case when reject_reason is null then sha256({{ embedded_text() }}) end as text_key,
        case when reject_reason is null then md5_number(solution)::uhugeint end as solution_key,
        reject_reason,
        case when reject_reason = 'unreadable_record' then _error end as reject_detail,
        is_tie,
        length(prompt) as prompt_chars,
        length(solution) as solution_chars
    from checked
{%- endmacro %}
