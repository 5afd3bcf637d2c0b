{{ duplicates('prompt') }}
