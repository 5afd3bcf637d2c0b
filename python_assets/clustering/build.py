"""Vectors to forest: in one go, or from the forest of an older part."""

from __future__ import annotations

import numpy as np

from python_assets.clustering.arrangement import appended, arrange
from python_assets.clustering.assemble import core_forest, plain_forest, stars
from python_assets.clustering.forest import Forest
from python_assets.clustering.nearest import nearest_lists
from python_assets.clustering.neighbors import make_scanner
from python_assets.clustering.pairs import Pairs
from python_assets.clustering.spanning import ForestBuilder, Progress, span
from python_assets.clustering.vectors import (
    BoolArray,
    Distinct,
    Float32Array,
    Float64Array,
    Int64Array,
    check_radius,
    check_vectors,
    find_distinct,
)


def clustering_bytes(n: int, dimension: int) -> int:
    """Return about how many bytes a forest of n vectors takes while it is built, the vectors included.

    Notes
    -----
    Measured: 5.2 GiB for a million vectors of 1,024 numbers, 5.0 GiB for 1.8 million of 384. Sets in which most
    points have very many neighbours take no more, as pairs are not kept.
    """
    return n * (4 * dimension + 1_500)


def build_forest(
    X: Float32Array,
    eps_max: float,
    min_samples: int = 1,
    *,
    keys: Int64Array | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Forest:
    """
    Exact minimum spanning forest of all pairs within eps_max.

    Parameters
    ----------
    X : ndarray, shape (n_samples, n_features), float32
        Norms need not be 1.
    eps_max : float
        Euclidean distance up to which the forest shall answer.
    min_samples : int
        Points within eps, itself included, that make a core point.
    keys : ndarray, shape (n_samples,), int64, optional
        Equal distances are ordered by (distance, smaller key, larger key). Default: the positions.
    device : str
        "cpu", or a torch device that filters the pairs ("cuda", "torch:cpu"); the result is the same.
    progress : callable, optional
        Called as progress(done, total) between batches; min_samples > 1 makes two passes. Nothing is
        kept when it raises, nor on KeyboardInterrupt.

    Returns
    -------
    Forest

    Raises
    ------
    ValueError
        For vectors, eps_max, min_samples or keys that cannot be used.

    Notes
    -----
    Beyond X about 1.5 kB per distinct vector, (min_samples - 1) * 16 bytes per vector and 0.2 GB,
    however many pairs there are.
    """
    vectors = check_vectors(X)
    radius = check_radius(eps_max, "eps_max")
    if min_samples < 1:
        raise ValueError(f"min_samples must be at least 1, not {min_samples}")
    order = _by_key(keys, vectors.shape[0])
    distinct = find_distinct(vectors, order)
    if not distinct.rows.size:
        return Forest.plain(0, radius, *_no_edges())
    arranged = arrange(vectors, distinct.rows, radius)
    scanner = make_scanner(vectors, radius, arranged, _points(distinct), device)
    if min_samples == 1:
        builder = ForestBuilder(distinct.rows.size, np.empty(0))
        span(scanner, builder, progress=progress)
        return plain_forest(builder.edges, distinct, order, radius, arranged)
    weight = distinct.multiplicity()
    lists = nearest_lists(scanner, weight, min_samples, progress)
    builder = ForestBuilder(distinct.rows.size, lists.core(weight, min_samples))
    span(scanner, builder, progress=progress)
    return core_forest(builder, lists, distinct, order, radius, min_samples)


def extend_forest(
    forest: Forest,
    X: Float32Array,
    is_new: BoolArray,
    *,
    keys: Int64Array | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Forest:
    """
    Forest of old and new vectors, comparing only new ones with old ones and with each other.

    Parameters
    ----------
    forest : Forest
        Of ``X[~is_new]``, with min_samples = 1.
    X : ndarray, shape (n, n_features), float32
        All vectors; the old ones as they were. With `Forest.arrangement` only those of them are read
        that come near a new one.
    is_new : ndarray, shape (n,), bool
    keys : ndarray, shape (n,), int64, optional
        As for `build_forest`; the old ones in the order that the forest was built with.
    device, progress
        As for `build_forest`.

    Returns
    -------
    Forest
        Equal to ``build_forest(X, forest.eps_max)``.

    Raises
    ------
    ValueError
        If the forest has min_samples > 1 (a new point can change the core distance of old ones, so
        that forest must be built anew), or if the vectors do not fit it.
    """
    if forest.min_samples != 1:
        raise ValueError(
            f"only a forest with min_samples = 1 can be extended, this one has {forest.min_samples}: "
            "new points change core distances of old ones; build it anew from all vectors"
        )
    old, new = np.flatnonzero(~is_new), np.flatnonzero(is_new)
    if (is_new.size, old.size) != (X.shape[0], forest.n):
        raise ValueError(f"X has {X.shape[0]} rows, {old.size} of them old, but the forest was built from {forest.n}")
    if not new.size:
        return forest
    kept = None if forest.arrangement is None or forest.arrangement.is_scattered else forest.arrangement.moved(old)
    if not old.size:
        return build_forest(X, forest.eps_max, keys=keys, device=device, progress=progress)
    as_built = kept is not None and X.dtype == np.float32 and X.flags.c_contiguous
    vectors = X if as_built else check_vectors(X)
    order = _by_key(keys, X.shape[0])
    distinct = _joint_distinct(forest, check_vectors(vectors[new]), old, new, order)
    late = is_new[distinct.rows]
    if kept is None:
        kept = arrange(vectors, distinct.rows[~late], forest.eps_max)
    arranged = appended(kept, arrange(vectors, distinct.rows[late], forest.eps_max, kept.basis))
    point = _points(distinct)
    builder = ForestBuilder(distinct.rows.size, np.empty(0))
    apart = forest.squared > 0.0
    ends = point[distinct.first[old[forest.i[apart]]]], point[distinct.first[old[forest.j[apart]]]]
    builder.add(Pairs(np.minimum(*ends), np.maximum(*ends), forest.squared[apart]))
    builder.fold()
    before, added = range(kept.n_nodes), range(kept.n_nodes, arranged.n_nodes)
    scanner = make_scanner(vectors, forest.eps_max, arranged, point, device)
    span(scanner, builder, [(added, added), (before, added)], progress)
    return plain_forest(builder.edges, distinct, order, forest.eps_max, arranged)


def _points(distinct: Distinct) -> Int64Array:
    """Index of each row among the distinct ones, -1 for a row that another one stands for."""
    point = np.full(distinct.first.size, -1)
    point[distinct.rows] = np.arange(distinct.rows.size)
    return point


def _no_edges() -> tuple[Int64Array, Int64Array, Float64Array]:
    return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)


def _by_key(keys: Int64Array | None, n: int) -> Int64Array:
    if keys is None:
        return np.arange(n)
    given = np.asarray(keys)
    order = np.argsort(given, kind="stable")
    if given.shape != (n,) or (given[order[1:]] == given[order[:-1]]).any():
        raise ValueError(f"keys must be {n} different values, one per vector")
    return order


def _joint_distinct(
    forest: Forest, fresh: Float32Array, old: Int64Array, new: Int64Array, order: Int64Array
) -> Distinct:
    """Distinct vectors old or new; an old and a new identical one stay apart (they link at distance 0)."""
    rank = np.empty(order.size, np.int64)
    rank[order] = np.arange(order.size)
    first = np.arange(order.size)
    same = forest.squared == 0.0
    first[old] = old[stars(old.size, forest.i[same], forest.j[same], rank[old])]
    first[new] = new[find_distinct(fresh, np.argsort(rank[new])).first]
    return Distinct(rows=order[first[order] == order], first=first)
