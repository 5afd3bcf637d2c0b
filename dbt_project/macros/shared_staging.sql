{#- Staging bodies that several configs or splits of one repository share; each reads the CTE source_row. -#}

{#- The score runs from -3, response 1 much better, to 3, response 2 much better; 0 is a tie. -#}
{% macro helpsteer3_pairs() -%}
    select
        _row,
        _error,
        {{ join_turns(turns('context', 'user')) }} as prompt,
        null::varchar[] as prompt_turns,
        case when overall_preference < 0 then response1 when overall_preference > 0 then response2 end as chosen,
        null::varchar[] as chosen_turns,
        case when overall_preference < 0 then response2 when overall_preference > 0 then response1 end as rejected,
        null::varchar[] as rejected_turns,
        coalesce(overall_preference = 0, false) as is_tie,
        case
            when overall_preference is null or overall_preference not between -3 and 3 then 'unknown_verdict'
        end as reject_reason,
        _metadata as metadata
    from source_row
{%- endmacro %}
