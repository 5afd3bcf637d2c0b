{#- Bodies and expressions that several preference models share. -#}

{#-
  The end of a model whose prompt and responses are single texts; reads the CTE pair. The messages are those of a
  source with roles; of the responses they are given where one may be several turns.
-#}
{% macro text_pairs(response_messages=false) -%}
    select
        _row,
        _error,
        prompt,
        null::varchar[] as prompt_turns,
        chosen,
        null::varchar[] as chosen_turns,
        rejected,
        null::varchar[] as rejected_turns,
        context,
        {% if not response_messages %}{{ no_messages() }} as {% endif %}chosen_messages,
        {% if not response_messages %}{{ no_messages() }} as {% endif %}rejected_messages,
        is_tie,
        reject_reason,
        _metadata as metadata
    from pair
{%- endmacro %}

{#- The score runs from -3, response 1 much better, to 3, response 2 much better; 0 is a tie. Reads source_row. -#}
{% macro helpsteer3_scores() -%}
    select
        _row,
        _error,
        _metadata,
        {{ join_turns(turns('context', 'user')) }} as prompt,
        {{ messages('context') }} as context,
        case when overall_preference < 0 then response1 when overall_preference > 0 then response2 end as chosen,
        case when overall_preference < 0 then response2 when overall_preference > 0 then response1 end as rejected,
        coalesce(overall_preference = 0, false) as is_tie,
        case
            when overall_preference is null or overall_preference not between -3 and 3 then 'unknown_verdict'
        end as reject_reason
    from source_row
{%- endmacro %}

{#- One response over another, in columns of their own behind a conversation; reads the CTE source_row. -#}
{% macro helpsteer3_edits(chosen, rejected) -%}
    select
        _row,
        _error,
        _metadata,
        {{ join_turns(turns('context', 'user')) }} as prompt,
        {{ messages('context') }} as context,
        {{ chosen }} as chosen,
        {{ rejected }} as rejected,
        false as is_tie,
        null::varchar as reject_reason
    from source_row
{%- endmacro %}

{#- What both conversations of a battle say first, up to a user turn; reads the CTE battle. -#}
{% macro shared_context() -%}
    select
        *,
        coalesce(
            list_max(
                list_filter(
                    range(1, least(len(messages_a), len(messages_b)) + 1),
                    lambda i: messages_a[i].role = 'user' and messages_a[1:i] = messages_b[1:i]
                )
            ),
            0
        ) as n_shared
    from battle
{%- endmacro %}

{#- Messages of the winner and of the loser behind what both say; expressions on the CTE shared. -#}
{% macro chosen_messages() -%}
    case winner
        when 'model_a' then messages_a[n_shared + 1:]
        when 'model_b' then messages_b[n_shared + 1:]
    end
{%- endmacro %}

{% macro rejected_messages() -%}
    case winner
        when 'model_a' then messages_b[n_shared + 1:]
        when 'model_b' then messages_a[n_shared + 1:]
    end
{%- endmacro %}

{#- Pairs out of battles by their winner; reads the CTE shared. -#}
{% macro decided_battles() -%}
    select
        _row,
        _error,
        _metadata,
        prompt,
        messages_a[1:n_shared] as context,
        {{ chosen_messages() }} as chosen_messages,
        {{ rejected_messages() }} as rejected_messages,
        case winner when 'model_a' then response_a when 'model_b' then response_b end as chosen,
        case winner when 'model_a' then response_b when 'model_b' then response_a end as rejected,
        coalesce(winner in ('tie', 'tie (bothbad)'), false) as is_tie,
        case
            when winner is null or winner not in ('model_a', 'model_b', 'tie', 'tie (bothbad)') then 'unknown_verdict'
        end as reject_reason
    from shared
{%- endmacro %}

{#- The winner where exactly one of three columns is 1, else null. -#}
{% macro one_hot_winner() -%}
    case
        [try_cast(winner_model_a as double), try_cast(winner_model_b as double), try_cast(winner_tie as double)]
        when [1, 0, 0] then 'model_a'
        when [0, 1, 0] then 'model_b'
        when [0, 0, 1] then 'tie'
    end
{%- endmacro %}

{#- A JSON list of strings as a list; null when the text is anything else. Lone surrogates become U+FFFD. -#}
{% macro json_turns(text) -%}
    case
        when json_valid({{ text }}) then from_json({{ text }}, '["VARCHAR"]')
        when json_valid({{ without_lone_surrogates(text) }})
            then from_json({{ without_lone_surrogates(text) }}, '["VARCHAR"]')
    end
{%- endmacro %}

{#- Lists of prompts and of responses as a chat; where one is shorter, its turn is null. -#}
{% macro alternating(prompts, responses) -%}
    flatten(
        list_transform(
            range(1, greatest(len({{ prompts }}), len({{ responses }})) + 1),
            lambda i: [{{ message('user', prompts ~ '[i]') }}, {{ message('assistant', responses ~ '[i]') }}]
        )
    )
{%- endmacro %}

{#- What is wrong with a text that is there and gave no list; else null. -#}
{% macro not_json_turns(column, list) -%}
    case
        when {{ list }} is null and trim({{ column }}, {{ blanks() }}) not in ('', 'null')
            then 'column {{ column }}: not a JSON list'
    end
{%- endmacro %}

{#- JSON text with U+FFFD in place of each escaped surrogate that is not half of a pair. -#}
{% macro without_lone_surrogates(json) -%}
    array_to_string(
        list_transform(
            regexp_extract_all(
                {{ json }}, '(?s)\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD][89a-fA-F]..|\\.|[^\\]+|\\'
            ),
            lambda part: case
                when length(part) = 6 and regexp_matches(part, '^\\u[dD][89a-fA-F]') then '\ufffd'
                else part
            end
        ),
        ''
    )
{%- endmacro %}

{#-
  A chat whose contents are lists of parts, as a chat of texts: the text parts joined by a newline and,
  where the turn made an app, its code in a fence.
-#}
{% macro chat_of_parts(messages) -%}
    list_transform(
        from_json(
            to_json({{ messages }}),
            '[{"role": "VARCHAR", "content": [{"type": "VARCHAR", "text": "VARCHAR"}], "object": {"code": "VARCHAR"}}]'
        ),
        lambda m: {
            'role': m.role,
            'content': array_to_string(
                list_filter(
                    list_transform(m.content, lambda part: case when part.type = 'text' then part.text end)
                    || ['```' || chr(10) || nullif(m.object.code, '') || chr(10) || '```'],
                    lambda text: text != ''
                ),
                chr(10)
            )
        }
    )
{%- endmacro %}

{#- Both chats of a pair, cut at their last assistant turn; reads the CTE source_row. -#}
{% macro divided_at_last_answer() -%}
    select
        * exclude (chosen, rejected),
        {{ before_last_answer('chosen') }} as chosen_prefix,
        {{ turns('chosen', 'assistant') }}[-1] as chosen_answer,
        {{ before_last_answer('rejected') }} as rejected_prefix,
        {{ turns('rejected', 'assistant') }}[-1] as rejected_answer
    from source_row
{%- endmacro %}

{% macro before_last_answer(messages) -%}
    {{ messages }}[
        1:len({{ messages }}) - coalesce(
            list_position(
                list_reverse(list_transform({{ messages }}, lambda m: m.role in {{ role_names('assistant') }})), true
            ),
            0
        )
    ]
{%- endmacro %}

{#- The last answers as a pair, where both chats say the same before them; reads the CTE divided. -#}
{% macro last_answer_pairs(prompt, is_tie) -%}
    select
        _row,
        _error,
        _metadata,
        {% if prompt != 'prompt' %}{{ prompt }} as {% endif %}prompt,
        {{ messages('chosen_prefix') }} as context,
        chosen_answer as chosen,
        rejected_answer as rejected,
        {{ is_tie }} as is_tie,
        case
            when
                chosen_answer is not null
                and rejected_answer is not null
                and {{ said('chosen_prefix') }} != {{ said('rejected_prefix') }}
                then 'prefix_mismatch'
        end as reject_reason
    from divided
{%- endmacro %}

{#- The roles and contents of a chat, whatever else its messages hold. -#}
{% macro said(messages) -%}
    list_transform({{ messages }}, lambda m: [m.role, m.content])
{%- endmacro %}

{#- A pair of equal texts prefers neither; equal scores of two texts are no tie. -#}
{% macro same_answers() -%} coalesce(chosen_answer = rejected_answer, false) {%- endmacro %}

{#- Pairs of transcripts that differ in what the assistant says last; reads the CTE source_row. -#}
{% macro divided_transcripts() -%}
    select
        _row,
        coalesce(_error, {{ not_a_transcript('chosen') }}, {{ not_a_transcript('rejected') }}) as _error,
        _metadata,
        {{ before_last_reply('chosen') }} as chosen_prefix,
        {{ last_reply('chosen') }} as chosen_answer,
        {{ before_last_reply('rejected') }} as rejected_prefix,
        {{ last_reply('rejected') }} as rejected_answer
    from source_row
{%- endmacro %}

{#- Reads the CTE divided. -#}
{% macro transcript_pairs() -%}
    select
        _row,
        _error,
        _metadata,
        {{ join_turns(human_turns('coalesce(chosen_prefix, rejected_prefix)')) }} as prompt,
        {{ transcript_messages('coalesce(chosen_prefix, rejected_prefix)') }} as context,
        chosen_answer as chosen,
        rejected_answer as rejected,
        {{ same_answers() }} as is_tie,
        case when chosen_prefix != rejected_prefix then 'prefix_mismatch' end as reject_reason
    from divided
{%- endmacro %}

{#- A turn starts behind a blank line with the name of its speaker. -#}
{% macro human_marker() -%} chr(10) || chr(10) || 'Human:' {%- endmacro %}

{% macro assistant_marker() -%} chr(10) || chr(10) || 'Assistant:' {%- endmacro %}

{#- What is wrong with a text that is there and is no transcript; else null. -#}
{% macro not_a_transcript(column) -%}
    case
        when not starts_with({{ column }}, {{ human_marker() }})
            then 'column {{ column }}: does not begin with a Human turn'
        when instr({{ replies(column) }}[-1], {{ human_marker() }}) > 0 or len({{ replies(column) }}) = 1
            then 'column {{ column }}: does not end with an Assistant turn'
    end
{%- endmacro %}

{#- The parts of a transcript between the assistant's markers. -#}
{% macro replies(transcript) -%}
    string_split({{ transcript }}, {{ assistant_marker() }})
{%- endmacro %}

{% macro last_reply(transcript) -%}
    {{ strip(replies(transcript) ~ '[-1]') }}
{%- endmacro %}

{% macro before_last_reply(transcript) -%}
    array_to_string({{ replies(transcript) }}[1:-2], {{ assistant_marker() }})
{%- endmacro %}

{#- A transcript as a chat. -#}
{% macro transcript_messages(transcript) -%}
    flatten(
        list_transform(
            string_split({{ transcript }}, {{ human_marker() }})[2:],
            lambda turn: [{{ message('user', strip(replies('turn') ~ '[1]')) }}]
            || list_transform({{ replies('turn') }}[2:], lambda reply: {{ message('assistant', strip('reply')) }})
        )
    )
{%- endmacro %}

{% macro human_turns(transcript) -%}
    list_transform(
        string_split({{ transcript }}, {{ human_marker() }})[2:],
        lambda turn: {{ strip(replies('turn') ~ '[1]') }}
    )
{%- endmacro %}
