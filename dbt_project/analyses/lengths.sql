-- How long the kept prompts and answers are, by dataset and language.
with languages as (
    select * from {{ ref('language_summary') }}
    where kept > 0
)

select
    type,
    dataset,
    language,
    kept,
    median_prompt_chars,
    p95_prompt_chars,
    median_solution_chars,
    p95_solution_chars,
    median_tokens,
    p95_tokens
from languages
order by p95_tokens desc, type asc, dataset asc, language asc
