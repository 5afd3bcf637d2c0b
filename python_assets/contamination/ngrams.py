"""Which texts share runs of n words with the items of a benchmark, and how much of an item they hold so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from python_assets.contamination.ngram_table import POSITION_BITS, all_grams, count_hits, cover, hash_table
from python_assets.contamination.words import Int64Array, UInt64Array, Words
from python_assets.expand import expand

MAX_ITEMS_PER_NGRAM = 20

_MAX_ENTRIES = 1 << 24


@dataclass(frozen=True)
class Overlaps:
    """Texts and the items of which they hold enough.

    Attributes
    ----------
    text, item : ndarray of int64, shape (n,)
    share : ndarray of float64, shape (n,)
        Of the item's words, those within an n-gram that the text has as well.
    """

    text: Int64Array
    item: Int64Array
    share: npt.NDArray[np.float64]


class NgramIndex:
    """The n-grams of items, by which texts are looked up.

    Parameters
    ----------
    items : Words
        No two of them alike.
    n : int
        Words of an n-gram. An item with fewer has none and is never found.

    Notes
    -----
    An n-gram that stands in more than 20 items is a phrase of the benchmark ("which of the following statements is")
    and says nothing of a single item: it is left out, and words that stand in no other n-gram of the item do not count.
    Memory: about 60 bytes for each n-gram.
    """

    def __init__(self, items: Words, n: int) -> None:
        self.n = n
        grams, item, position = _grams_of(items, n)
        unique, inverse = np.unique(grams, return_inverse=True)
        pairs = np.unique(inverse.astype(np.int64) * max(len(items), 1) + item)
        is_own = np.bincount(pairs // max(len(items), 1), minlength=unique.size) <= MAX_ITEMS_PER_NGRAM
        kept = is_own[inverse]
        order = np.argsort(inverse[kept], kind="stable")
        gram, item, position = inverse[kept][order], item[kept][order], position[kept][order]
        self._entries = (item << POSITION_BITS) | position
        used, first = np.unique(gram, return_index=True)
        self._first = np.append(first, gram.size).astype(np.int64)
        self._slots, self._keys, self._filter = hash_table(unique[used])
        self._size = _covered_words(self._entries, len(items), n)

    def find(self, texts: Words, min_share: float) -> Overlaps:
        """Return every text that holds at least `min_share` of an item.

        Parameters
        ----------
        texts : Words
        min_share : float
            Above 0.
        """
        hits = count_hits(texts.hashes, texts.offsets, self.n, self._slots, self._keys, self._filter, self._first)
        found = [self._covered(texts, rows, hits[rows], min_share) for rows in _portions(np.flatnonzero(hits), hits)]
        parts = zip(*found, strict=True) if found else ((np.empty(0, np.int64),),) * 2 + ((np.empty(0),),)
        return Overlaps(*(np.concatenate(part) for part in parts))

    def _covered(
        self, texts: Words, rows: Int64Array, hits: Int64Array, min_share: float
    ) -> tuple[Int64Array, Int64Array, npt.NDArray[np.float64]]:
        starts = np.concatenate([[0], np.cumsum(hits)])
        item, covered = np.full(starts[-1], -1), np.zeros(starts[-1], np.int64)
        cover(
            texts.hashes, texts.offsets, self.n, self._slots, self._keys, self._filter, self._first, self._entries,
            rows, starts, item, covered,
        )  # fmt: skip
        used = np.flatnonzero(item >= 0)
        share = covered[used] / self._size[item[used]]
        enough = share >= min_share
        return np.repeat(rows, hits)[used][enough], item[used][enough], share[enough]

    def shared_words(self, text: UInt64Array, item: UInt64Array) -> npt.NDArray[np.bool_]:
        """Tell which words of a text stand in an n-gram that an item has as well, shape (n_words,)."""
        covered = np.zeros(text.size, bool)
        if min(text.size, item.size) >= self.n:
            for start in np.flatnonzero(np.isin(_rolled(text, self.n), _rolled(item, self.n))):
                covered[start : start + self.n] = True
        return covered


def _grams_of(items: Words, n: int) -> tuple[UInt64Array, Int64Array, Int64Array]:
    item, position = expand(np.maximum(items.counts() - n + 1, 0))
    grams = np.empty(item.size, np.uint64)
    all_grams(items.hashes, items.offsets[:-1][item] + position, n, grams)
    return grams, item, position


def _rolled(hashes: UInt64Array, n: int) -> UInt64Array:
    grams = np.empty(hashes.size - n + 1, np.uint64)
    all_grams(hashes, np.arange(grams.size), n, grams)
    return grams


def _portions(rows: Int64Array, hits: Int64Array) -> list[Int64Array]:
    """Cut rows so that each portion has some millions of hits, or is one row."""
    if not rows.size:
        return []
    number = np.cumsum(hits[rows]) // _MAX_ENTRIES
    return np.split(rows, np.flatnonzero(np.diff(number)) + 1)


def _covered_words(entries: Int64Array, n_items: int, n: int) -> Int64Array:
    """Return how many words of each item stand in one of its own n-grams, shape (n_items,)."""
    ordered = np.sort(entries)
    item, position = ordered >> POSITION_BITS, ordered & ((1 << POSITION_BITS) - 1)
    is_next = np.zeros(ordered.size, bool)
    is_next[1:] = item[1:] == item[:-1]
    step = np.where(is_next, np.minimum(np.diff(position, prepend=0), n), n)
    return np.bincount(item, weights=step, minlength=n_items).astype(np.int64)
