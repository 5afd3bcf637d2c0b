{{ links('prompt') }}
