{{ links('preference') }}
