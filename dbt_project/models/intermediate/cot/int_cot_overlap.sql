{{ overlap('cot') }}
