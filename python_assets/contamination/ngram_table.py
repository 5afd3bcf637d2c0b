"""The hash table of n-grams, and the loops over the words of texts that ask it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from python_assets.compiled import kernel
from python_assets.contamination.words import Int64Array, UInt64Array

POSITION_BITS = 32
_POSITION_MASK = (1 << POSITION_BITS) - 1

_FACTOR, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_SHIFT, _BIT, _WORD_BITS = np.uint64(32), np.uint64(63), np.uint64(6)
_ONE = np.uint64(1)


def hash_table(grams: UInt64Array) -> tuple[npt.NDArray[np.int32], UInt64Array, UInt64Array]:
    """Return a hash table from distinct grams to their places: slots, the grams, and a bit for each hash in use."""
    bits = max(int(np.ceil(np.log2(2 * grams.size + 2))), 4)
    slots = np.full(1 << bits, -1, np.int32)
    used = np.zeros(max(1 << (bits + 3 - 6), 1), np.uint64)
    _fill(grams, slots, used)
    return slots, grams, used


@kernel()
def _gram(hashes: UInt64Array, start: int, n: int) -> np.uint64:
    h = np.uint64(0)
    for k in range(start, start + n):
        h = h * _FACTOR + hashes[k]
    return _mixed(h)


@kernel()
def _mixed(h: np.uint64) -> np.uint64:
    h = (h ^ (h >> _SHIFT)) * _MIX
    return h ^ (h >> _SHIFT)


@kernel(parallel=True)
def all_grams(hashes: UInt64Array, starts: Int64Array, n: int, out: UInt64Array) -> None:
    """Write the hashes of the n words from each start on."""
    for k in prange(starts.size):
        out[k] = _gram(hashes, starts[k], n)


@kernel()
def _fill(grams: UInt64Array, slots: npt.NDArray[np.int32], used: UInt64Array) -> None:
    mask = np.uint64(slots.size - 1)
    bit_mask = np.uint64(used.size * 64 - 1)
    for k in range(grams.size):
        bit = (grams[k] >> _SHIFT) & bit_mask
        used[bit >> _WORD_BITS] |= _ONE << (bit & _BIT)
        slot = grams[k] & mask
        while slots[slot] >= 0:
            slot = (slot + _ONE) & mask
        slots[slot] = k


@kernel()
def _place(gram: np.uint64, slots: npt.NDArray[np.int32], keys: UInt64Array, used: UInt64Array) -> Any:
    """Return the place of a gram, -1 where it is none of the table's."""
    bit = (gram >> _SHIFT) & np.uint64(used.size * 64 - 1)
    if not (used[bit >> _WORD_BITS] >> (bit & _BIT)) & _ONE:
        return -1
    mask = np.uint64(slots.size - 1)
    slot = gram & mask
    while slots[slot] >= 0:
        if keys[slots[slot]] == gram:
            return slots[slot]
        slot = (slot + _ONE) & mask
    return -1


@kernel(parallel=True)
def count_hits(
    hashes: UInt64Array,
    offsets: Int64Array,
    n: int,
    slots: npt.NDArray[np.int32],
    keys: UInt64Array,
    used: UInt64Array,
    first: Int64Array,
) -> Int64Array:
    """Return for each text how many (item, position) entries its n-grams have."""
    hits = np.zeros(offsets.size - 1, np.int64)
    power = _ONE
    for _ in range(n - 1):
        power *= _FACTOR
    for text in prange(hits.size):
        start, stop = offsets[text], offsets[text + 1]
        h, count = np.uint64(0), 0
        for k in range(start, stop):
            if k >= start + n:
                h -= hashes[k - n] * power
            h = h * _FACTOR + hashes[k]
            if k >= start + n - 1:
                place = _place(_mixed(h), slots, keys, used)
                if place >= 0:
                    count += first[place + 1] - first[place]
        hits[text] = count
    return hits


@kernel(parallel=True)
def cover(
    hashes: UInt64Array,
    offsets: Int64Array,
    n: int,
    slots: npt.NDArray[np.int32],
    keys: UInt64Array,
    used: UInt64Array,
    first: Int64Array,
    entries: Int64Array,
    rows: Int64Array,
    starts: Int64Array,
    item: Int64Array,
    covered: Int64Array,
) -> None:
    """Write for each row the items it shares grams with, and how many of their words those cover."""
    for r in prange(rows.size):
        found = np.empty(starts[r + 1] - starts[r], np.int64)
        count = 0
        for k in range(offsets[rows[r]], offsets[rows[r] + 1] - n + 1):
            place = _place(_gram(hashes, k, n), slots, keys, used)
            if place >= 0:
                for entry in range(first[place], first[place + 1]):
                    found[count] = entries[entry]
                    count += 1
        found.sort()
        out = starts[r] - 1
        current, last = np.int64(-1), np.int64(0)
        for k in range(count):
            here, position = found[k] >> POSITION_BITS, found[k] & _POSITION_MASK
            if here != current:
                out += 1
                current = here
                item[out] = here
                covered[out] = n
            else:
                covered[out] += min(position - last, n)
            last = position
