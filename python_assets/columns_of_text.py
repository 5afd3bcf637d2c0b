"""Rows as columns of text, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def in_columns(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return a heading and rows as lines, words to the left and numbers to the right."""
    lines = [list(headings), *([str(value) for value in row] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(headings))]
    is_word = [not rows or isinstance(value, str) for value in (rows[0] if rows else headings)]
    return [
        "  ".join(
            cell.ljust(width) if word else cell.rjust(width)
            for cell, width, word in zip(line, widths, is_word, strict=True)
        ).rstrip()
        for line in lines
    ]
