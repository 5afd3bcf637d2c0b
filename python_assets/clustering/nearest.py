"""Core distances and the nearest neighbours behind them."""

from __future__ import annotations

import numpy as np

from python_assets.clustering.pairs import Limits, Pairs
from python_assets.clustering.scan import Scanner
from python_assets.clustering.spanning import Progress
from python_assets.clustering.vectors import Float64Array, Int64Array
from python_assets.compiled import kernel


class NearestLists:
    """
    The `width` nearest other points of each point among the pairs seen so far, by (distance, index).

    Parameters
    ----------
    n, width : int

    Notes
    -----
    Memory: 16 * width bytes per point.
    """

    def __init__(self, n: int, width: int) -> None:
        self.index = np.full((n, width), -1)
        self.squared = np.full((n, width), np.inf)

    def add(self, pairs: Pairs) -> None:
        """Take a batch of pairs that were not seen before."""
        _insert(self.index, self.squared, pairs.i, pairs.j, pairs.squared)

    def core(self, weight: Int64Array, min_samples: int) -> Float64Array:
        """
        Squared distance at which each point has min_samples points around it, itself included.

        Parameters
        ----------
        weight : ndarray, shape (n,), int64
            How many identical points each stands for.
        min_samples : int

        Returns
        -------
        ndarray, shape (n,), float64
            inf where the lists do not reach that far.
        """
        return _core(self.index, self.squared, weight, min_samples)


def nearest_lists(
    scanner: Scanner, weight: Int64Array, min_samples: int, progress: Progress | None = None
) -> NearestLists:
    """
    Find the min_samples - 1 nearest neighbours of each point within the scanner's radius.

    A point needs no neighbour beyond its core distance as known so far, so the reach of each point
    shrinks while the pairs, nearest nodes first, come in.

    Parameters
    ----------
    scanner : Scanner
        Of one group.
    weight : ndarray, shape (n,), int64
    min_samples : int
    progress : callable, optional
        As in `spanning.span`.

    Returns
    -------
    NearestLists
    """
    lists = NearestLists(weight.size, min_samples - 1)
    point = np.maximum(scanner.label, 0)
    everything = scanner.no_limits()

    def current() -> Limits:
        core = np.sqrt(lists.core(weight, min_samples)).astype(np.float32)
        reach = np.nextafter(core, np.float32(np.inf))[point]
        reach[scanner.label < 0] = -1.0
        return Limits(reach, everything.anchor, everything.position, everything.table, everything.floor)

    rows, columns = scanner.tasks()
    for done, pairs in scanner.run(rows, columns, current):
        lists.add(pairs)
        if progress is not None:
            progress(done, rows.size)
    return lists


@kernel()
def _insert_one(index: Int64Array, squared: Float64Array, x: int, y: int, distance: float) -> None:
    width = index.shape[1]
    last = width - 1
    if (distance, y) >= (squared[x, last], index[x, last]) and index[x, last] >= 0:
        return
    if distance > squared[x, last]:
        return
    m = last
    while m > 0 and (index[x, m - 1] < 0 or (distance, y) < (squared[x, m - 1], index[x, m - 1])):
        squared[x, m] = squared[x, m - 1]
        index[x, m] = index[x, m - 1]
        m -= 1
    squared[x, m] = distance
    index[x, m] = y


@kernel()
def _insert(index: Int64Array, squared: Float64Array, i: Int64Array, j: Int64Array, distance: Float64Array) -> None:
    for e in range(i.shape[0]):
        _insert_one(index, squared, i[e], j[e], distance[e])
        _insert_one(index, squared, j[e], i[e], distance[e])


@kernel()
def _core(index: Int64Array, squared: Float64Array, weight: Int64Array, min_samples: int) -> Float64Array:
    n, width = index.shape
    out = np.full(n, np.inf)
    for x in range(n):
        around = weight[x]
        if around >= min_samples:
            out[x] = 0.0
            continue
        for m in range(width):
            if index[x, m] < 0:
                break
            around += weight[index[x, m]]
            if around >= min_samples:
                out[x] = squared[x, m]
                break
    return out
