"""Forests of all rows, from those of the distinct ones."""

from __future__ import annotations

import numpy as np

from python_assets.clustering.arrangement import Arrangement
from python_assets.clustering.bottleneck import lightest_edges
from python_assets.clustering.forest import Forest, component_roots
from python_assets.clustering.nearest import NearestLists
from python_assets.clustering.pairs import Pairs
from python_assets.clustering.spanning import ForestBuilder, order_edges
from python_assets.clustering.vectors import Distinct, Float64Array, Int64Array


def stars(n: int, i: Int64Array, j: Int64Array, rank: Int64Array) -> Int64Array:
    """For each of n points the point of the lowest rank in its component."""
    root = component_roots(n, i, j)
    by_rank = np.argsort(rank)
    _, lead = np.unique(root[by_rank], return_index=True)
    centre = np.empty(n, np.int64)
    centre[root[by_rank][lead]] = by_rank[lead]
    return centre[root]


def plain_forest(edges: Pairs, distinct: Distinct, order: Int64Array, radius: float, arranged: Arrangement) -> Forest:
    """Forest of all rows: edges between the first rows of their kind, and stars of weight 0 around them."""
    n = order.size
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    i, j = distinct.rows[edges.i], distinct.rows[edges.j]
    squared = edges.squared
    same, later = squared == 0.0, np.flatnonzero(distinct.first != np.arange(n))
    centre = stars(n, np.concatenate([i[same], later]), np.concatenate([j[same], distinct.first[later]]), rank)
    copies = np.flatnonzero(centre != np.arange(n))
    return Forest.plain(
        n,
        radius,
        *_in_order(
            rank,
            np.concatenate([centre[i[~same]], centre[copies]]),
            np.concatenate([centre[j[~same]], copies]),
            np.concatenate([squared[~same], np.zeros(copies.size)]),
        ),
        arranged,
    )


def _in_order(
    rank: Int64Array, i: Int64Array, j: Int64Array, squared: Float64Array
) -> tuple[Int64Array, Int64Array, Float64Array]:
    swap = rank[i] > rank[j]
    i, j = np.where(swap, j, i), np.where(swap, i, j)
    order = order_edges(rank.size, rank[i], rank[j], squared)
    return i[order], j[order], squared[order]


def core_forest(
    builder: ForestBuilder,
    lists: NearestLists,
    distinct: Distinct,
    order: Int64Array,
    radius: float,
    min_samples: int,
) -> Forest:
    """Forest of all rows for min_samples > 1: a copy hangs on the first of its kind at their core distance."""
    n = order.size
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    point = np.empty(n, np.int64)
    point[distinct.rows] = np.arange(distinct.rows.size)
    point = point[distinct.first]
    core = builder.core[point]
    kept = lists.squared <= builder.core[:, None]
    neighbors = np.where(kept & (lists.index >= 0), distinct.rows[lists.index], -1)
    near = np.where(neighbors >= 0, lists.squared, np.inf)
    later = np.flatnonzero((distinct.first != np.arange(n)) & np.isfinite(core))
    i, j, squared = _in_order(
        rank,
        np.concatenate([distinct.rows[builder.edges.i], distinct.first[later]]),
        np.concatenate([distinct.rows[builder.edges.j], later]),
        np.concatenate([builder.edges.squared, core[later]]),
    )
    used = lightest_edges(n, i, j)
    return Forest(n, radius, i[used], j[used], squared[used], min_samples, core, neighbors[point], near[point])
