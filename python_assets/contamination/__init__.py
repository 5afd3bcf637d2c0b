"""Which training prompts repeat an item of a benchmark."""
