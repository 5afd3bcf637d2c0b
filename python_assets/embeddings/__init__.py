"""Texts to unit vectors, kept by content."""
