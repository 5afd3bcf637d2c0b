"""How texts are cut into shards and batches. Pure functions: the same input gives the same cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

SHARD_TEXTS = 4_096
SHARD_CHARS = 8_000_000
WINDOW_OVERLAP = 8
# below 8 tokens the number of sequences shows in the last bits
_SHORTEST = 8
_SMALLEST_STEP = 4
_STEPS_BELOW = 16

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


def padded_length(n_tokens: int, longest: int) -> int:
    """Return the length to which a sequence is padded: of itself alone, whatever it is computed with.

    Parameters
    ----------
    n_tokens : int
        Its own length.
    longest : int
        The most that the model sees.

    Notes
    -----
    A vector's last bits depend on the padded length. It is 8, or the next multiple of 4 up to 64, of 8 up to
    128, of 16 up to 256, and so on: of evenly spread lengths above 32 some 4% is padding.
    """
    step = max(_SMALLEST_STEP, (1 << max(0, n_tokens - 1).bit_length()) // _STEPS_BELOW)
    rung = max(_SHORTEST, -(-n_tokens // step) * step)
    return max(n_tokens, min(longest, rung))


def cut_batches(n_tokens: Sequence[int] | IntArray, max_tokens: int, longest: int) -> list[IntArray]:
    """Cut token sequences into batches of one padded length each, the longest first.

    Parameters
    ----------
    n_tokens : sequence of int, length n
    max_tokens : int
        A batch has at most this many tokens, padding counted, unless it is one sequence.
    longest : int
        As for `padded_length`.

    Returns
    -------
    list of ndarray of int64
        Positions of the sequences; sequences of one length keep their order. Those that fill their
        padded length are apart from those that are padded, as attention computes them otherwise.
    """
    lengths = np.asarray(n_tokens, dtype=np.int64)
    order = np.argsort(-lengths, kind="stable")
    padded = np.array([padded_length(int(n), longest) for n in lengths[order]], dtype=np.int64)
    kinds = 2 * padded + (padded == lengths[order])
    starts = np.flatnonzero(np.diff(kinds, prepend=-1))
    batches = []
    for start, stop in pairwise([*starts, len(order)]):
        size = max(1, max_tokens // max(1, int(padded[start])))
        batches += [order[first : min(first + size, stop)] for first in range(start, stop, size)]
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
