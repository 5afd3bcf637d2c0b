{#-
  A text with think tags, split at its first <think> and the first </think> behind it. Bytes are counted, not
  characters, and the only regular expression is anchored at the end: instr, left and trim are several times slower.
-#}
{% macro thinking_of(text) -%}
    case
        when contains({{ behind(text, '<think>') }}, '</think>')
            then nullif({{ strip("split_part(" ~ behind(text, '<think>') ~ ", '</think>', 1)") }}, '')
    end
{%- endmacro %}

{% macro answer_behind_thinking(text) -%}
    nullif({{ strip(behind(behind(text, '<think>'), '</think>')) }}, '')
{%- endmacro %}

{#- Whether both tags are there, in this order. -#}
{% macro has_think_tags(text) -%} coalesce(contains({{ behind(text, '<think>') }}, '</think>'), false) {%- endmacro %}

{#- What stands behind the first mark; null without one. -#}
{% macro behind(text, mark) -%}
    case
        when contains({{ text }}, '{{ mark }}')
            then decode(encode({{ text }})[strlen(split_part({{ text }}, '{{ mark }}', 1)) + {{ mark | length + 1 }}:])
    end
{%- endmacro %}

{#- A text without spaces, tabs and line ends at both ends. -#}
{% macro strip(text) -%}
    regexp_replace(ltrim({{ text }}, {{ blanks() }}), '[ \t\n\r]+$', '')
{%- endmacro %}

{#- Spaces, tabs and line ends. -#}
{% macro blanks() -%} ' ' || chr(9) || chr(10) || chr(13) {%- endmacro %}
