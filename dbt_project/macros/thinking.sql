{#-
  A text with think tags, split at its first <think> and the first </think> behind it: string_split is many times
  faster here than instr, left, trim and regular expressions, so a text is cut once and its parts are named after that.
-#}
{% macro thinking_parts(text) -%} string_split({{ behind(text, '<think>') }}, '</think>') {%- endmacro %}

{#- Whether both tags are there, in this order. -#}
{% macro has_think_tags(parts) -%} coalesce(len({{ parts }}) > 1, false) {%- endmacro %}

{% macro thinking_of(parts) -%}
    case when len({{ parts }}) > 1 then nullif({{ strip(parts ~ '[1]') }}, '') end
{%- endmacro %}

{% macro answer_of(parts) -%}
    nullif({{ strip("array_to_string(" ~ parts ~ "[2:], '</think>')") }}, '')
{%- endmacro %}

{#- What stands behind the first mark; nothing without one. -#}
{% macro behind(text, mark) -%}
    array_to_string(string_split({{ text }}, '{{ mark }}')[2:], '{{ mark }}')
{%- endmacro %}

{#- A text without spaces, tabs and line ends at both ends. -#}
{% macro strip(text) -%}
    regexp_replace(ltrim({{ text }}, {{ blanks() }}), '[ \t\n\r]+$', '')
{%- endmacro %}

{#- Spaces, tabs and line ends. -#}
{% macro blanks() -%} ' ' || chr(9) || chr(10) || chr(13) {%- endmacro %}
