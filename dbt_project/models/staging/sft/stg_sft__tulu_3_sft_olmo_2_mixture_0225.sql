with source_row as (
    {{ raw_rows('tulu_3_sft_olmo_2_mixture_0225') }}
),

staged as (
    select
        _row,
        _error,
        {{ first_turn('messages', 'user') }} as prompt,
        {{ first_turn(after_first_user('messages'), 'assistant') }} as answer,
        null::varchar as reject_reason,
        _metadata as metadata
    from source_row
)

select * from staged
