"""Where datasets come from and how they reach the schema raw."""
