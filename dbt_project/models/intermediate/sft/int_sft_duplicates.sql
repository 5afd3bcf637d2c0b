{{ duplicates('sft') }}
