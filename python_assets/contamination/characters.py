"""What each character is to the comparison of words: part of one, a word by itself, or nothing."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

SEPARATOR, LETTER, DIGIT, ALONE, OPERATOR, PERCENT, IGNORED = range(7)

_N_CODE_POINTS = 0x110000
_FIRST_UNASSIGNED_PLANE = 0x30000
# Written without spaces between words, so that each character counts as one.
_UNSPACED = (
    (0x0E00, 0x0E7F), (0x0E80, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9D), (0x20000, 0x3FFFF),
)  # fmt: skip
_HANGUL = range(0xAC00, 0xD7A4)
_ASCII_OPERATORS = "+-*/=<>^"
_SAME_OPERATOR = {"×": "*", "÷": "/", "−": "-", "–": "-", "∗": "*", "⋅": "*"}


@dataclass(frozen=True)
class Characters:
    """Tables over all code points.

    Attributes
    ----------
    kind : ndarray of uint8, shape (0x110000,)
        `SEPARATOR`, `LETTER`, `DIGIT`, `ALONE` (a word by itself), `OPERATOR` (one where it stands between operands),
        `PERCENT` (one behind a digit), or `IGNORED`.
    start : ndarray of int32, shape (0x110001,)
        Where in `folded` a code point's own begin.
    folded : ndarray of int32
        What stands for each code point: compatibility forms, case and accents do not count.
    """

    kind: npt.NDArray[np.uint8]
    start: npt.NDArray[np.int32]
    folded: npt.NDArray[np.int32]


@cache
def characters() -> Characters:
    """Return the tables; they take a quarter of a second to make."""
    kind = np.full(_N_CODE_POINTS, SEPARATOR, np.uint8)
    lengths = np.ones(_N_CODE_POINTS, np.int32)
    other: dict[int, list[int]] = {}
    for first, last in _UNSPACED:
        kind[first : last + 1] = ALONE
    kind[_HANGUL.start : _HANGUL.stop] = LETTER
    for code in range(_FIRST_UNASSIGNED_PLANE):
        if 0xD800 <= code < 0xE000 or (kind[code] != SEPARATOR and code not in range(0x0E00, 0x3100)):
            continue
        found = _kind(chr(code))
        if kind[code] == SEPARATOR or found in (SEPARATOR, IGNORED, DIGIT):
            kind[code] = found
        folded = _fold(chr(code))
        if folded != [code]:
            other[code] = folded
            lengths[code] = len(folded)
    kind[0xE0100:0xE01F0] = IGNORED
    start = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int32)
    content = np.zeros(start[-1], np.int32)
    plain = np.flatnonzero(lengths == 1)
    content[start[plain]] = plain
    for code, folded in other.items():
        content[start[code] : start[code] + len(folded)] = folded
    return Characters(kind, start, content)


def _kind(char: str) -> int:
    category = unicodedata.category(char)
    if char in _ASCII_OPERATORS or char in _SAME_OPERATOR:
        return OPERATOR
    if char == "%":
        return PERCENT
    if category in ("Mn", "Me", "Cf"):
        return IGNORED
    if category[0] == "N":
        return DIGIT
    if category[0] == "L" or category == "Mc":
        return LETTER
    return ALONE if category == "Sm" and not char.isascii() else SEPARATOR


def _fold(char: str) -> list[int]:
    char = _SAME_OPERATOR.get(char, char)
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return [ord(part) for part in folded if unicodedata.category(part) != "Mn"]
