"""Fold batches of weighted pairs into an exact minimum spanning forest, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from python_assets.clustering.bottleneck import Dendrogram, lightest_edges
from python_assets.clustering.pairs import Limits, Pairs
from python_assets.clustering.scan import Scanner
from python_assets.clustering.vectors import Float32Array, Float64Array, Int64Array
from python_assets.compiled import kernel

Progress = Callable[[int, int], None]
_SPARE = 4_096


@kernel()
def _order_ties(order: Int64Array, weight: Float64Array, i: Int64Array, j: Int64Array, n: int) -> None:
    start = 0
    while start < order.shape[0]:
        stop = start + 1
        while stop < order.shape[0] and weight[order[stop]] == weight[order[start]]:
            stop += 1
        if stop - start > 1:
            run = order[start:stop].copy()
            order[start:stop] = run[np.argsort(i[run] * n + j[run])]
        start = stop


def order_edges(n: int, i: Int64Array, j: Int64Array, weight: Float64Array) -> Int64Array:
    """Return the permutation that sorts edges (i < j) by (weight, i, j), int64."""
    order = np.argsort(weight)
    _order_ties(order, weight, i, j, n)
    return order


class ForestBuilder:
    """
    The minimum spanning forest of all pairs seen so far.

    An edge that is heavier than the whole path between its ends is in no minimum spanning forest
    (cycle property), so the forest of (forest + batch) is the forest of everything seen. Ties are
    broken by (i, j), which makes the forest unique whatever the order of the batches.

    Parameters
    ----------
    n : int
        Number of points.
    core : ndarray, shape (n,) or (0,), float64
        Squared core distances (inf where there is none); the weight of a pair is then its squared
        mutual reachability distance max(d^2, core_i, core_j).

    Notes
    -----
    Memory: about 250 bytes per point, and a buffer of n / 2 + 4,096 pairs beyond one batch.
    """

    def __init__(self, n: int, core: Float64Array) -> None:
        self.n = n
        self.core = core
        self.edges = Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        self._buffer: list[Pairs] = []
        self._buffered = 0

    def add(self, pairs: Pairs) -> bool:
        """Take a batch; return whether the forest was renewed."""
        squared = pairs.squared
        if self.core.size:
            squared = np.maximum(squared, np.maximum(self.core[pairs.i], self.core[pairs.j]))
            known = np.isfinite(squared)
            pairs = Pairs(pairs.i[known], pairs.j[known], squared[known])
        self._buffer.append(pairs)
        self._buffered += len(pairs)
        if self._buffered > self.n // 2 + _SPARE:
            self.fold()
            return True
        return False

    def fold(self) -> None:
        """Fold what is buffered into the forest."""
        parts = [self.edges, *self._buffer]
        i = np.concatenate([part.i for part in parts])
        j = np.concatenate([part.j for part in parts])
        squared = np.concatenate([part.squared for part in parts])
        order = order_edges(self.n, i, j, squared)
        i, j = i[order], j[order]
        kept = lightest_edges(self.n, i, j)
        self.edges = Pairs(i[kept], j[kept], squared[order][kept])
        self._buffer, self._buffered = [], 0


def span(
    scanner: Scanner,
    builder: ForestBuilder,
    parts: Sequence[tuple[range, range]] | None = None,
    progress: Progress | None = None,
) -> None:
    """
    Bring the pairs of a scanner that can change the forest into the builder.

    Parameters
    ----------
    scanner : Scanner
    builder : ForestBuilder
        May hold a forest already.
    parts : sequence of (range, range), optional
        Which nodes to compare with which, as in `scan.Scanner.tasks`. Default: all with all.
    progress : callable, optional
        Called as progress(done, total) in node pairs. An exception from it, or KeyboardInterrupt
        between two batches, ends the work.
    """
    floor = _rounded_down(builder.core)

    def renewed() -> Limits:
        edges = builder.edges
        return Dendrogram.of(builder.n, edges.i, edges.j, edges.squared).limits(scanner.label, floor)

    current = [renewed()]
    tasks = [scanner.tasks(*part) for part in parts] if parts else [scanner.tasks()]
    rows = np.concatenate([task[0] for task in tasks])
    columns = np.concatenate([task[1] for task in tasks])
    for done, pairs in scanner.run(rows, columns, lambda: current[0]):
        if builder.add(pairs):
            current[0] = renewed()
        if progress is not None:
            progress(done, rows.size)
    builder.fold()


def _rounded_down(core: Float64Array) -> Float32Array:
    below = np.nextafter(np.sqrt(core).astype(np.float32), np.float32(-np.inf))
    return np.maximum(below, np.float32(0.0))
