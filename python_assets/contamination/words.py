"""Texts as sequences of words that do not depend on case, accents, spacing or punctuation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import prange

from python_assets.compiled import kernel
from python_assets.contamination.characters import (
    ALONE,
    DIGIT,
    IGNORED,
    LETTER,
    OPERATOR,
    PERCENT,
    SEPARATOR,
    characters,
)

Int64Array = npt.NDArray[np.int64]
UInt64Array = npt.NDArray[np.uint64]
UInt8Array = npt.NDArray[np.uint8]

_BASIS, _PRIME, _MIX = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3), np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)
_SPACE, _NO_OPERAND, _WORD, _MARK = 32, 0, 1, 2


@dataclass(frozen=True)
class Words:
    """The words of n texts.

    Attributes
    ----------
    texts : pyarrow.LargeStringArray
    hashes : ndarray of uint64, shape (n_words,)
        A word's hash; equal words have equal ones, and two different words of 10 million share one with a
        probability of 3e-6.
    offsets : ndarray of int64, shape (n + 1,)
        The first word of each text.
    begins, ends : ndarray of int64, shape (n_words,)
        Where a word stands among the bytes of its text.
    """

    texts: pa.Array
    hashes: UInt64Array
    offsets: Int64Array
    begins: Int64Array
    ends: Int64Array

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.texts)

    def of(self, text: int) -> UInt64Array:
        """Return the hashes of one text's words."""
        return self.hashes[self.offsets[text] : self.offsets[text + 1]]

    def counts(self) -> Int64Array:
        """Return the number of words of each text, shape (n,)."""
        return np.diff(self.offsets)

    def whole(self) -> UInt64Array:
        """Return one hash of all words of each text, in their order, shape (n,)."""
        return _whole(self.hashes, self.offsets)

    def between(self, text: int, first: int, last: int) -> str:
        """Return a text from its `first` word to its `last` one, as it is written."""
        begin, end = self.begins[self.offsets[text] + first], self.ends[self.offsets[text] + last]
        content: bytes = self.texts[text].as_py().encode()[begin:end]
        return content.decode()


def words(texts: pa.Array | pa.ChunkedArray | list[str]) -> Words:
    """Cut texts into words.

    Parameters
    ----------
    texts : pyarrow string array or list of str
        A null counts as empty.

    Notes
    -----
    A word is a run of letters and digits; a character of a script that is written without spaces; a mathematical sign
    where it stands between operands (the hyphen of "well-known" and the stars of "**bold**" do not), or % behind a
    digit. Letters are compared by their compatibility decomposition, case folded and without accents. Memory: 24
    bytes a word beside the texts.
    """
    array = _one_array(texts)
    _, offsets_buffer, data_buffer = array.buffers()
    places = np.frombuffer(offsets_buffer, np.int64)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(data_buffer or b"\0", np.uint8)
    table = characters()
    tables = (table.kind, table.start, table.folded)
    counts = np.zeros(len(array), np.int64)
    nowhere, unhashed = np.empty(0, np.int64), np.empty(0, np.uint64)
    _cut(data, places, *tables, counts, np.zeros(len(array), np.int64), unhashed, nowhere, nowhere)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    hashes = np.empty(offsets[-1], np.uint64)
    begins, ends = np.empty(offsets[-1], np.int64), np.empty(offsets[-1], np.int64)
    _cut(data, places, *tables, counts, offsets[:-1], hashes, begins, ends)
    return Words(array, hashes, offsets, begins, ends)


def _one_array(texts: Any) -> pa.Array:
    array = pa.array(texts, pa.large_string()) if isinstance(texts, list) else texts
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    array = array.cast(pa.large_string()).fill_null("")
    return array if len(array) else pa.array([], pa.large_string()).cast(pa.large_string())


@kernel()
def _decode(data: UInt8Array, p: int) -> tuple[Any, int]:
    """Return the code point at p, and of how many bytes it is."""
    lead = np.int64(data[p])
    if lead < 0x80:
        return lead, 1
    if lead < 0xE0:
        return ((lead & 0x1F) << 6) | (np.int64(data[p + 1]) & 0x3F), 2
    if lead < 0xF0:
        return ((lead & 0x0F) << 12) | ((np.int64(data[p + 1]) & 0x3F) << 6) | (np.int64(data[p + 2]) & 0x3F), 3
    high = ((lead & 0x07) << 18) | ((np.int64(data[p + 1]) & 0x3F) << 12)
    return high | ((np.int64(data[p + 2]) & 0x3F) << 6) | (np.int64(data[p + 3]) & 0x3F), 4


@kernel()
def _operand(byte: int) -> int:
    """Tell what a byte beside an operator is: part of a word, a sign or bracket, or neither."""
    if 48 <= byte <= 57:
        return _MARK
    if 65 <= byte <= 90 or 97 <= byte <= 122 or byte >= 0x80:
        return _WORD
    # ( ) [ ] { } $ \ = < > -
    if byte in (40, 41, 91, 93, 123, 125, 36, 92, 61, 60, 62, 45):
        return _MARK
    return _NO_OPERAND


@kernel()
def _is_operator(data: UInt8Array, start: int, stop: int, p: int, width: int) -> bool:
    """Tell whether the sign at p stands between two operands, and not between the parts of a compound word."""
    before, after = p - 1, p + width
    while before >= start and data[before] == _SPACE:
        before -= 1
    while after < stop and data[after] == _SPACE:
        after += 1
    if before < start or after >= stop:
        return False
    left, right = _operand(data[before]), _operand(data[after])
    if left == _NO_OPERAND or right == _NO_OPERAND:
        return False
    if left == _WORD and right == _WORD:
        alone_left = before == start or _operand(data[before - 1]) != _WORD
        alone_right = after + 1 == stop or _operand(data[after + 1]) != _WORD
        return alone_left and alone_right
    return True


@kernel(parallel=True)
def _cut(
    data: UInt8Array,
    places: Int64Array,
    kind: UInt8Array,
    start: Any,
    folded: Any,
    counts: Int64Array,
    offsets: Int64Array,
    hashes: UInt64Array,
    begins: Int64Array,
    ends: Int64Array,
) -> None:
    """Count the words of each text, or, where there is room for them, write them down."""
    for text in prange(places.size - 1):
        first, stop = places[text], places[text + 1]
        p, n, inside = first, 0, False
        h = _BASIS
        while p < stop:
            code, width = _decode(data, p)
            what = kind[code]
            if what == OPERATOR:
                what = ALONE if _is_operator(data, first, stop, p, width) else SEPARATOR
            elif what == PERCENT:
                what = ALONE if p > first and 48 <= data[p - 1] <= 57 else SEPARATOR
            if what != IGNORED:
                goes_on = what in (LETTER, DIGIT)
                if inside and not goes_on:
                    n += 1
                    inside = False
                if goes_on or what == ALONE:
                    if not inside:
                        h = _BASIS
                        if hashes.size:
                            begins[offsets[text] + n] = p - first
                    for k in range(start[code], start[code + 1]):
                        h = (h ^ np.uint64(folded[k])) * _PRIME
                    inside = True
                    if hashes.size:
                        mixed = (h ^ (h >> _SHIFT)) * _MIX
                        hashes[offsets[text] + n] = mixed ^ (mixed >> _SHIFT)
                        ends[offsets[text] + n] = p + width - first
                    if what == ALONE:
                        n += 1
                        inside = False
            p += width
        counts[text] = n + 1 if inside else n


@kernel(parallel=True)
def _whole(hashes: UInt64Array, offsets: Int64Array) -> UInt64Array:
    out = np.empty(offsets.size - 1, np.uint64)
    for text in prange(out.size):
        h = _BASIS
        for k in range(offsets[text], offsets[text + 1]):
            h = (h ^ hashes[k]) * _MIX
            h ^= h >> _SHIFT
        out[text] = h
    return out
