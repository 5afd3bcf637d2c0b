{{ overlap('preference') }}
