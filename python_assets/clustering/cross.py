"""Every pair within a radius between two sets of vectors."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from python_assets.clustering.arrangement import Arrangement, appended, arrange
from python_assets.clustering.neighbors import make_scanner
from python_assets.clustering.pairs import Pairs
from python_assets.clustering.spanning import Progress
from python_assets.clustering.vectors import Float32Array, Int64Array, check_radius, check_vectors, find_distinct
from python_assets.expand import expand


def cross_pairs(
    X: Float32Array,
    n_first: int,
    radius: float,
    *,
    arrangement: Arrangement | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Iterator[Pairs]:
    """
    Yield every pair of a vector of the first set and one of the second that is within a radius.

    Parameters
    ----------
    X : ndarray, shape (n, n_features), float32
        The first set, then the second.
    n_first : int
        Rows of the first set.
    radius : float
        A pair counts when the float64 sum of its squared differences is at most radius * radius.
    arrangement : Arrangement, optional
        Of the first set, as a forest of it keeps it, made for this radius or a larger one: then only the second set is
        arranged, and the cost is that of as many new vectors in `build.extend_forest`.
    device, progress
        As for `neighbors.radius_pairs`.

    Yields
    ------
    Pairs
        i is a row of X in the first set, j one in the second; no pair twice, in no particular order.

    Raises
    ------
    ValueError
        For vectors or a radius that cannot be used.
    """
    vectors = check_vectors(X)
    limit = check_radius(radius, "radius")
    if not 0 < n_first < len(vectors):
        return
    groups = [_Copies(vectors, np.arange(n_first)), _Copies(vectors, np.arange(n_first, len(vectors)))]
    first = arrangement if arrangement is not None and not arrangement.is_scattered else None
    if first is None:
        first = arrange(vectors, groups[0].rows, limit)
    arranged = appended(first, arrange(vectors, groups[1].rows, limit, first.basis))
    point = np.full(len(vectors), -1)
    for group, placed in zip(groups, (first.order[first.order >= 0], groups[1].rows), strict=True):
        chosen = group.one_of_each(placed)
        point[chosen] = group.first_of(chosen)
    scanner = make_scanner(vectors, limit, arranged, point, device)
    tasks = scanner.tasks(range(first.n_nodes), range(first.n_nodes, arranged.n_nodes))
    unlimited = scanner.no_limits()
    for done, pairs in scanner.run(*tasks, lambda: unlimited):
        if len(pairs):
            yield _of_all_copies(pairs, *groups)
        if progress is not None:
            progress(done, tasks[0].size)


class _Copies:
    """The first of each kind among some rows that follow each other, and the rows that are identical to it."""

    def __init__(self, vectors: Float32Array, rows: Int64Array) -> None:
        distinct = find_distinct(vectors[rows], np.arange(rows.size))
        self.rows = rows[distinct.rows]
        self._offset = int(rows[0])
        self._first = distinct.first + self._offset
        self._by_first = rows[np.argsort(distinct.first, kind="stable")]
        self._start = np.searchsorted(np.sort(self._first), np.arange(rows[-1] + 2))

    def first_of(self, rows: Int64Array) -> Int64Array:
        return self._first[rows - self._offset]

    def one_of_each(self, rows: Int64Array) -> Int64Array:
        """Return one row of each kind: an arrangement that has grown or shrunk may hold another one, or several."""
        _, chosen = np.unique(self.first_of(rows), return_index=True)
        return rows[chosen]

    def counts(self, firsts: Int64Array) -> Int64Array:
        return self._start[firsts + 1] - self._start[firsts]

    def nth(self, firsts: Int64Array, n: Int64Array) -> Int64Array:
        rows: Int64Array = self._by_first[self._start[firsts] + n]
        return rows


def _of_all_copies(pairs: Pairs, first: _Copies, second: _Copies) -> Pairs:
    n_second = second.counts(pairs.j)
    source, within = expand(first.counts(pairs.i) * n_second)
    i = first.nth(pairs.i[source], within // n_second[source])
    j = second.nth(pairs.j[source], within % n_second[source])
    return Pairs(i, j, pairs.squared[source])
