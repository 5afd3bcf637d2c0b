{{ summary('prompt') }}
