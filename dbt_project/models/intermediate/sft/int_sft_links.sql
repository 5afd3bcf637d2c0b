{{ links('sft') }}
