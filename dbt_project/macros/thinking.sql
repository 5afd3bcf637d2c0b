{#-
  A text with think tags, split at its first <think> and the first </think> behind it. string_split is many times
  faster here than instr, left, trim and regular expressions, and copies nothing: a text is cut once, and its parts are
  named, joined and stripped after that. The first part keeps its <think>.
-#}
{% macro thinking_parts(text) -%} string_split({{ from_think_tag(text) }}, '</think>') {%- endmacro %}

{#- The text from its first <think> on, empty without one; as it mostly begins with it, mostly the text itself. -#}
{% macro from_think_tag(text) -%}
    case
        when starts_with({{ text }}, '<think>') then {{ text }}
        when contains({{ text }}, '<think>') then '<think>' || {{ behind(text, '<think>') }}
        when {{ text }} is not null then ''
    end
{%- endmacro %}

{#- Whether both tags are there, in this order. -#}
{% macro has_think_tags(parts) -%} coalesce(len({{ parts }}) > 1, false) {%- endmacro %}

{#- Whether the tags are there with more than blanks between them; costs far less than the thinking itself. -#}
{% macro has_tagged_thinking(parts) -%}
    ({{ has_think_tags(parts) }} and regexp_matches({{ parts }}[1], '^<think>[ \t\n\r]*[^ \t\n\r]'))
{%- endmacro %}

{% macro thinking_of(parts) -%}
    case when len({{ parts }}) > 1 then nullif({{ strip(behind(parts ~ '[1]', '<think>')) }}, '') end
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
