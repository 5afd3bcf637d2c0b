"""How texts are cut into shards and batches. Pure functions: the same input gives the same cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

SHARD_TEXTS = 4_096
SHARD_CHARS = 8_000_000
WINDOW_OVERLAP = 8

IntArray = npt.NDArray[np.int64]


def cut_shards(
    n_chars: Sequence[int] | IntArray, max_texts: int = SHARD_TEXTS, max_chars: int = SHARD_CHARS
) -> list[IntArray]:
    """Cut texts into shards of neighbours in length, the longest first.

    Parameters
    ----------
    n_chars : sequence of int, length n
        Characters of each text.
    max_texts, max_chars : int
        A shard holds at most this many texts, and at most this many characters unless it is one text.

    Returns
    -------
    list of ndarray of int64
        Positions of the texts; texts of one length keep their order.
    """
    lengths = np.asarray(n_chars, dtype=np.int64)
    order = np.argsort(-lengths, kind="stable")
    shards, start = [], 0
    while start < len(order):
        chars = np.cumsum(lengths[order[start : start + max_texts]])
        size = max(1, int(np.searchsorted(chars, max_chars, side="right")))
        shards.append(order[start : start + size])
        start += size
    return shards


def cut_batches(n_tokens: Sequence[int] | IntArray, max_tokens: int) -> list[IntArray]:
    """Cut token sequences into batches of neighbours in length, the longest first.

    Parameters
    ----------
    n_tokens : sequence of int, length n
    max_tokens : int
        A batch, padded to its longest sequence, has at most this many tokens unless it is one
        sequence.

    Returns
    -------
    list of ndarray of int64
        Positions of the sequences; sequences of one length keep their order.
    """
    lengths = np.asarray(n_tokens, dtype=np.int64)
    order = np.argsort(-lengths, kind="stable")
    batches, start = [], 0
    while start < len(order):
        longest = max(1, int(lengths[order[start]]))
        size = max(1, max_tokens // longest)
        batches.append(order[start : start + size])
        start += size
    return batches


def windows(n_tokens: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of overlapping windows that cover a sequence; each but the last is full.

    Neighbours share an eighth of a window, so that no phrase is only ever seen cut in two.
    """
    step = size - size // WINDOW_OVERLAP
    start = 0
    while start + size < n_tokens:
        yield start, start + size
        start += step
    yield start, n_tokens
