{{ survivors('prompt') }}
