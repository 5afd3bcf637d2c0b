{{ duplicates('preference') }}
