"""The exact minimum spanning forest of all pairs within eps_max, and the labels it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from python_assets.clustering.arrangement import Arrangement
from python_assets.clustering.bottleneck import find_root
from python_assets.clustering.vectors import Float64Array, Int64Array, check_radius
from python_assets.compiled import kernel

NEAR_EPS = 1e-9
SWEEP_DTYPE = np.dtype(
    [
        ("eps", np.float64),
        ("clusters", np.int64),
        ("removed", np.int64),
        ("noise", np.int64),
        ("largest_cluster", np.int64),
        ("widest_link", np.float64),
        ("near_eps", np.int64),
    ]
)


@dataclass(frozen=True)
class Forest:
    """
    Minimum spanning forest under the squared distance, or squared mutual reachability distance.

    Attributes
    ----------
    n : int
        Number of points.
    eps_max : float
        The forest decides every eps up to this one.
    i, j : ndarray, shape (n_edges,), int64
        Ends of the edges. Edges are sorted by (squared, smaller key, larger key).
    squared : ndarray, shape (n_edges,), float64
        Squared weight. Kept squared because `squared <= eps * eps` is what decides.
    min_samples : int
        The k of the definition. With k = 1 the weights are plain distances.
    core : ndarray, shape (n,) or (0,), float64
        Squared core distance (to the k-th nearest point, itself included), inf beyond eps_max; empty
        for k = 1.
    neighbors : ndarray, shape (n, min_samples - 1), int64
        The nearest other points within eps_max, nearest first, -1 where there are fewer.
    neighbor_squared : ndarray, shape (n, min_samples - 1), float64
        Their squared distances, inf where there is none.
    arrangement : Arrangement or None
        Of the points, so that `extend_forest` need not arrange them again; only for k = 1.
    """

    n: int
    eps_max: float
    i: Int64Array
    j: Int64Array
    squared: Float64Array
    min_samples: int
    core: Float64Array
    neighbors: Int64Array
    neighbor_squared: Float64Array
    arrangement: Arrangement | None = None

    @classmethod
    def plain(
        cls,
        n: int,
        eps_max: float,
        i: Int64Array,
        j: Int64Array,
        squared: Float64Array,
        arrangement: Arrangement | None = None,
    ) -> Forest:
        """Return the forest for min_samples = 1, for instance from saved columns."""
        empty = np.empty((n, 0))
        return cls(n, eps_max, i, j, squared, 1, np.empty(0), empty.astype(np.int64), empty, arrangement)

    @property
    def distance(self) -> Float64Array:
        """Weight of each edge, (n_edges,) float64."""
        return np.sqrt(self.squared)

    def labels(self, eps: float) -> Int64Array:
        """
        DBSCAN's partition at eps.

        Parameters
        ----------
        eps : float
            Above 0 and at most eps_max.

        Returns
        -------
        ndarray, shape (n,), int64
            -1 for noise, otherwise clusters numbered by first appearance.

        Raises
        ------
        ValueError
            If the forest does not reach as far as eps.
        """
        limit = self._limit(eps)
        used = self.squared <= limit
        root = component_roots(self.n, self.i[used], self.j[used])
        if self.min_samples == 1:
            return number_by_appearance(root)
        return number_by_appearance(_with_borders(root, self.core, self.neighbors, self.neighbor_squared, limit))

    def near_eps(self, eps: float) -> int:
        """
        Count the decisions that rest on a distance within 1e-9 of eps.

        A pair within 1e-9 of eps that is not in the forest is bridged by a path that is no heavier, so
        it can change the partition only when an edge of the forest is counted too. For min_samples > 1
        core distances and kept neighbour distances are counted as well.
        """
        self._limit(eps)
        weights = [self.squared, self.core, self.neighbor_squared.ravel()]
        return sum(int((np.abs(np.sqrt(weight) - eps) <= NEAR_EPS).sum()) for weight in weights)

    def sweep(self, eps_values: Sequence[float]) -> npt.NDArray[np.void]:
        """
        Describe the partition at many values of eps in one pass over the edges.

        Parameters
        ----------
        eps_values : sequence of float
            Each above 0 and at most eps_max.

        Returns
        -------
        ndarray, shape (n_values,), SWEEP_DTYPE
            In the given order: number of clusters (noise apart), points removed when each cluster
            keeps one, noise points, size of the largest cluster, weight of the heaviest link in use
            (0 without links), and `near_eps`.
        """
        table = np.zeros(len(eps_values), SWEEP_DTYPE)
        table["eps"] = eps_values
        order = np.argsort(table["eps"], kind="stable")
        limits = np.array([self._limit(float(eps)) for eps in table["eps"][order]])
        stops = np.searchsorted(self.squared, limits, side="right")
        table["near_eps"] = [self.near_eps(float(eps)) for eps in table["eps"]]
        if self.min_samples == 1:
            merged, largest = _growth(self.n, self.i, self.j, stops)
            table["removed"][order] = merged
            table["clusters"][order] = self.n - merged
            table["largest_cluster"][order] = largest
        else:
            for row in table:
                row["clusters"], row["removed"], row["noise"], row["largest_cluster"] = _counts(
                    self.labels(float(row["eps"]))
                )
        heaviest = np.concatenate([[0.0], self.distance])
        table["widest_link"][order] = heaviest[stops]
        return table

    def _limit(self, eps: float) -> float:
        value = check_radius(eps)
        if value > self.eps_max:
            raise ValueError(f"eps = {value} lies beyond this forest's eps_max = {self.eps_max}; build a wider one")
        return value * value


def number_by_appearance(groups: Int64Array) -> Int64Array:
    """Renumber 0, 1, ... in the order in which the groups first occur; negative entries become -1."""
    return _numbered(groups)


def _counts(labels: Int64Array) -> tuple[int, int, int, int]:
    sizes = np.bincount(labels[labels >= 0])
    return sizes.size, int((sizes - 1).sum()), int((labels < 0).sum()), int(sizes.max(initial=0))


@kernel()
def _numbered(groups: Int64Array) -> Int64Array:
    number = np.full(groups.shape[0], -1)
    out = np.empty(groups.shape[0], np.int64)
    count = 0
    for p in range(groups.shape[0]):
        group = groups[p]
        if group < 0:
            out[p] = -1
            continue
        if number[group] < 0:
            number[group] = count
            count += 1
        out[p] = number[group]
    return out


@kernel()
def component_roots(n: int, i: Int64Array, j: Int64Array) -> Int64Array:
    """Lowest point of the component of each of n points, int64."""
    parent = np.arange(n)
    for e in range(i.shape[0]):
        a, b = find_root(parent, i[e]), find_root(parent, j[e])
        parent[max(a, b)] = min(a, b)
    for x in range(n):
        parent[x] = find_root(parent, x)
    return parent


@kernel()
def _with_borders(
    root: Int64Array,
    core: Float64Array,
    neighbors: Int64Array,
    neighbor_squared: Float64Array,
    limit: float,
) -> Int64Array:
    # scikit-learn discovers clusters by their lowest core point; a border point goes to the first of its clusters
    n, k = neighbors.shape
    lowest = np.full(n, n)
    for x in range(n):
        if core[x] <= limit:
            lowest[root[x]] = min(lowest[root[x]], x)
    cluster = np.full(n, -1)
    for x in range(n):
        if core[x] <= limit:
            cluster[x] = lowest[root[x]]
            continue
        best = n
        for m in range(k):
            y = neighbors[x, m]
            if neighbor_squared[x, m] <= limit and core[y] <= limit:
                best = min(best, lowest[root[y]])
        if best < n:
            cluster[x] = best
    return cluster


@kernel()
def _growth(n: int, i: Int64Array, j: Int64Array, stops: Int64Array) -> tuple[Int64Array, Int64Array]:
    parent = np.arange(n)
    size = np.ones(n, np.int64)
    merged = np.empty(stops.shape[0], np.int64)
    largest = np.empty(stops.shape[0], np.int64)
    top = min(n, 1)
    e = 0
    for s in range(stops.shape[0]):
        while e < stops[s]:
            a, b = find_root(parent, i[e]), find_root(parent, j[e])
            parent[b] = a
            size[a] += size[b]
            top = max(top, size[a])
            e += 1
        merged[s] = e
        largest[s] = top
    return merged, largest
