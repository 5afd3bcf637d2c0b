{{ overlap('prompt') }}
