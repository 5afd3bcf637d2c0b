with source_row as (
    {{ raw_rows('codeforces_cots') }}
),

traced as (
    select
        _row,
        _error,
        _metadata,
        coalesce(nullif(prompt, ''), nullif(problem, ''), nullif({{ first_turn('messages', 'user') }}, '')) as prompt,
        coalesce(nullif(generation, ''), nullif({{ first_turn('messages', 'assistant') }}, '')) as trace
    from source_row
),

staged as (
    {{ tagged_reasoning() }}
)

select * from staged
