-- In which languages the prompts are, and what became of them.
with languages as (
    select * from {{ ref('language_summary') }}
)

select
    type,
    language,
    sum(merged_rows) as merged_rows,
    sum(semantic_duplicates) as semantic_duplicates,
    sum(filtered) as filtered,
    sum(kept) as kept,
    sum(tokens) as tokens
from languages
group by type, language
order by type asc, kept desc, language asc
