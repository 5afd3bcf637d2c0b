{{ summary('cot') }}
