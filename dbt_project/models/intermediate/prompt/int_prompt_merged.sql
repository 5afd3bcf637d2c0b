{{ merged('prompt') }}
