{{ survivors('preference') }}
