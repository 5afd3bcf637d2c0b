{#-
  A text with think tags, split at its first <think> and the first </think> behind it. Plain searches,
  not regular expressions: those are twenty times slower here.
-#}
{% macro think_open(text) -%} nullif(instr({{ text }}, '<think>'), 0) {%- endmacro %}

{% macro think_body(text) -%} substr({{ text }}, {{ think_open(text) }} + 7) {%- endmacro %}

{% macro think_close(text) -%} nullif(instr({{ think_body(text) }}, '</think>'), 0) {%- endmacro %}

{% macro thinking_of(text) -%}
    nullif(trim(left({{ think_body(text) }}, {{ think_close(text) }} - 1), {{ blanks() }}), '')
{%- endmacro %}

{% macro answer_behind_thinking(text) -%}
    nullif(trim(substr({{ think_body(text) }}, {{ think_close(text) }} + 8), {{ blanks() }}), '')
{%- endmacro %}

{#- Spaces, tabs and line ends. -#}
{% macro blanks() -%} ' ' || chr(9) || chr(10) || chr(13) {%- endmacro %}
