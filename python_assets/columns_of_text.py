"""Rows as columns of text, for a terminal."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any


def in_columns(headings: Sequence[str], rows: Sequence[Sequence[Any]], to_the_right: Collection[str] = ()) -> list[str]:
    """Return a heading and rows as lines, words to the left and numbers to the right.

    Parameters
    ----------
    headings : sequence of str
    rows : sequence of sequence
    to_the_right : collection of str
        Headings of columns that hold numbers with words.
    """
    lines = [list(headings), *([str(value) for value in row] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(headings))]
    is_word = [
        heading not in to_the_right and (not rows or isinstance(rows[0][place], str))
        for place, heading in enumerate(headings)
    ]
    return [
        "  ".join(
            cell.ljust(width) if word else cell.rjust(width)
            for cell, width, word in zip(line, widths, is_word, strict=True)
        ).rstrip()
        for line in lines
    ]
