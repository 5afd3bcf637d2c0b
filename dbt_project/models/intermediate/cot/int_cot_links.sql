{{ links('cot') }}
