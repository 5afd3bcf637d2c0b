with source_row as (
    {{ raw_rows('openr1_math_220k_default') }}
),

verdicts as (
    select
        *,
        case when len(generations) >= 2 then generations[list_position(correctness_math_verify, true)] end as verified,
        case when len(generations) >= 2 then generations[list_position(correctness_math_verify, false)] end as refuted
    from source_row
),

judged as (
    select
        *,
        coalesce(
            len(generations) < 2
            or list_position(correctness_math_verify, true) is null
            or list_position(correctness_math_verify, false) is null,
            true
        ) as is_tie
    from verdicts
),

staged as (
    select
        _row,
        _error,
        problem as prompt,
        null::varchar[] as prompt_turns,
        case when not is_tie then verified end as chosen,
        null::varchar[] as chosen_turns,
        case when not is_tie then refuted end as rejected,
        null::varchar[] as rejected_turns,
        is_tie,
        null::varchar as reject_reason,
        _metadata as metadata
    from judged
)

select * from staged
