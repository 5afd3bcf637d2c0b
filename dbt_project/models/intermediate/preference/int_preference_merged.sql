{{ merged('preference') }}
