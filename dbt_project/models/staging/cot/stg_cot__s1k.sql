with source_row as (
    {{ raw_rows('s1k') }}
),

staged as (
    {{ reasoning_columns('question', 'thinking_trajectories[1]', 'attempt') }}
)

select * from staged
