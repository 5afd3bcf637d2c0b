{{ overlap('sft') }}
