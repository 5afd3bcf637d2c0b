{{ survivors('cot') }}
