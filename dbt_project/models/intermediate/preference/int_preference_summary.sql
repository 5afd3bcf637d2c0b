{{ summary('preference') }}
