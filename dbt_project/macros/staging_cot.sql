{#- Staging bodies that several datasets of type cot share; unless they say otherwise they read the CTE source_row. -#}

{#- The text with think tags of the CTE traced, its column trace; `earlier` are the cases that come before unclosed tags. -#}
{% macro tagged_reasoning(earlier='') -%}
    with split as (
        select
            *,
            {{ thinking_parts('trace') }} as tag_parts
        from traced
    )

    select
        _row,
        _error,
        prompt,
        {{ thinking_of('tag_parts') }} as thinking,
        {{ has_tagged_thinking('tag_parts') }} as has_thinking,
        {{ answer_of('tag_parts') }} as answer,
        case
            {%- if earlier %}
            {{ earlier }}
            {%- endif %}
            when trace is not null and not {{ has_think_tags('tag_parts') }} then 'unclosed_tags'
        end as reject_reason,
        _metadata as metadata
    from split
{%- endmacro %}

{#- Thinking and answer in columns of their own, as they stand. -#}
{% macro reasoning_columns(prompt, thinking, answer, relation='source_row') -%}
    select
        _row,
        _error,
        {{ prompt }} as prompt,
        {{ thinking }} as thinking,
        coalesce({{ thinking }} != '', false) as has_thinking,
        nullif({{ answer }}, '') as answer,
        null::varchar as reject_reason,
        _metadata as metadata
    from {{ relation }}
{%- endmacro %}

{#- A solution that cannot be split is the thinking; the answer is empty. -#}
{% macro unsplit_solution(prompt) -%}
    select
        _row,
        _error,
        {{ prompt }} as prompt,
        solution as thinking,
        coalesce(solution != '', false) as has_thinking,
        '' as answer,
        null::varchar as reject_reason,
        _metadata as metadata
    from source_row
{%- endmacro %}

{#- A ShareGPT chat with the names role and content. -#}
{% macro sharegpt_chat(conversations) -%}
    list_transform({{ conversations }}, lambda m: struct_pack(role := m."from", content := m.value))
{%- endmacro %}

{#- A text, or the first of a list of texts, from a column of either type. -#}
{% macro text_or_first(column) -%}
    to_json({{ column }}) ->> case json_type(to_json({{ column }})) when 'ARRAY' then '$[0]' else '$' end
{%- endmacro %}

{% macro openr1_traces() -%}
    select
        _row,
        _error,
        _metadata,
        problem as prompt,
        {{ first_turn('messages', 'assistant') }} as trace
    from source_row
{%- endmacro %}

{% macro openr1_verdicts() -%}
    select
        *,
        generations[list_position(correctness_math_verify, true)] as verified,
        generations[list_position(correctness_math_verify, false)] as refuted,
        coalesce(
            len(generations) < 2
            or list_position(correctness_math_verify, true) is null
            or list_position(correctness_math_verify, false) is null,
            true
        ) as is_tie
    from source_row
{%- endmacro %}

{#- The first verified trace over the first refuted one, from the CTE judged; without both, a tie. -#}
{% macro openr1_pairs() -%}
    select
        _row,
        _error,
        problem as prompt,
        null::varchar[] as prompt_turns,
        case when not is_tie then verified end as chosen,
        null::varchar[] as chosen_turns,
        case when not is_tie then refuted end as rejected,
        null::varchar[] as rejected_turns,
        {{ no_messages() }} as context,
        {{ no_messages() }} as chosen_messages,
        {{ no_messages() }} as rejected_messages,
        is_tie,
        null::varchar as reject_reason,
        _metadata as metadata
    from judged
{%- endmacro %}

{% macro nemotron_traces() -%}
    select
        _row,
        _error,
        _metadata,
        reasoning,
        case json_type(to_json(input))
            when 'VARCHAR' then {{ join_turns(llama3_user_turns("to_json(input) ->> '$'")) }}
            else {{ join_turns(turns("json_transform(to_json(input), '[{\"role\": \"VARCHAR\", \"content\": \"VARCHAR\"}]')", 'user')) }}
        end as prompt,
        {{ without_end_mark('output') }} as trace
    from source_row
{%- endmacro %}

{#- What stands between each user header of Llama 3's rendered template and its end mark. -#}
{% macro llama3_user_turns(text) -%}
    list_transform(
        list_filter(
            string_split({{ text }}, '<|start_header_id|>'),
            lambda part: starts_with(part, 'user<|end_header_id|>')
        ),
        lambda part: case
            when contains(part, '<|eot_id|>')
                then {{ strip("substr(string_split(part, '<|eot_id|>')[1], length('user<|end_header_id|>') + 1)") }}
        end
    )
{%- endmacro %}

{% macro without_end_mark(text) -%}
    regexp_replace({{ text }}, '<\|eot_id\|>[ \t\n\r]*$', '')
{%- endmacro %}

{% macro am_replies() -%}
    select
        *,
        {{ first_turn('messages', 'user') }} as prompt,
        list_filter({{ after_first_user('messages') }}, lambda m: m.role in {{ role_names('assistant') }})[1] as reply
    from source_row
{%- endmacro %}

{#- What the reply's tags give, and whether the columns of its info have both parts. -#}
{% macro am_parts() -%}
    with split as (
        select
            *,
            {{ thinking_parts('reply.content') }} as tag_parts
        from replied
    )

    select
        *,
        coalesce(reply.info.think_content != '' and reply.info.answer_content != '', false) as has_columns,
        {{ thinking_of('tag_parts') }} as tagged_thinking,
        {{ answer_of('tag_parts') }} as tagged_answer
    from split
{%- endmacro %}

{#- The columns of the reply's info, or, when one of the two is missing, its tags. -#}
{% macro am_reasoning() -%}
    select
        _row,
        _error,
        prompt,
        if(has_columns, reply.info.think_content, tagged_thinking) as thinking,
        has_columns or {{ has_tagged_thinking('tag_parts') }} as has_thinking,
        if(has_columns, reply.info.answer_content, {{ unwrapped('tagged_answer', 'answer') }}) as answer,
        case
            when has_columns or reply.content is null then null
            when not {{ has_think_tags('tag_parts') }} or {{ is_left_open('tagged_answer', 'answer') }} then 'unclosed_tags'
        end as reject_reason,
        _metadata as metadata
    from parts
{%- endmacro %}

{#- The text without the pair of tags around it; with no such pair, as it stands. -#}
{% macro unwrapped(text, tag) -%}
    case
        when starts_with({{ text }}, '<{{ tag }}>') and ends_with({{ text }}, '</{{ tag }}>')
            then nullif(
                {{ strip('substr(' ~ text ~ ', ' ~ (tag | length + 3) ~ ', length(' ~ text ~ ') - ' ~ (2 * (tag | length) + 5) ~ ')') }},
                ''
            )
        else {{ text }}
    end
{%- endmacro %}

{% macro is_left_open(text, tag) -%}
    coalesce(starts_with({{ text }}, '<{{ tag }}>') and not contains({{ text }}, '</{{ tag }}>'), false)
{%- endmacro %}
