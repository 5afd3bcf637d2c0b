with source_row as (
    {{ raw_rows('ultrafeedback_binarized_test_prefs') }}
),

divided as (
    {{ divided_at_last_answer() }}
),

pair as (
    {{ last_answer_pairs('prompt', same_answers()) }}
),

staged as (
    {{ text_pairs() }}
)

select * from staged
