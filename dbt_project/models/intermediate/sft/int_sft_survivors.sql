{{ survivors('sft') }}
