{{ merged('cot') }}
