"""Which language a text is in, kept by content."""
