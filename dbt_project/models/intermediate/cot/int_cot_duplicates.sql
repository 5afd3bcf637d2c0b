{{ duplicates('cot') }}
