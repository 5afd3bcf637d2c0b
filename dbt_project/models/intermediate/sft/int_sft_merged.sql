{{ merged('sft') }}
