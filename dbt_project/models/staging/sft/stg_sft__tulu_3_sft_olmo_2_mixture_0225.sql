with source_row as (
    {{ raw_rows('tulu_3_sft_olmo_2_mixture_0225') }}
),

staged as (
    {{ sft_rows(first_turn('messages', 'user'), first_answer('messages')) }}
)

select * from staged
