{{ summary('sft') }}
