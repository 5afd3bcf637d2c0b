"""Heaviest edge on a forest path, by a range maximum over the dendrogram's order of the points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import prange

from python_assets.clustering.kdtree import LEAF
from python_assets.clustering.kernels import widest_link
from python_assets.clustering.pairs import Limits
from python_assets.clustering.vectors import BoolArray, Float32Array, Float64Array, Int64Array
from python_assets.compiled import kernel


@kernel()
def find_root(parent: Int64Array, x: int) -> int:
    """Root of x in a union-find forest, halving the path."""
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


@kernel()
def lightest_edges(n: int, i: Int64Array, j: Int64Array) -> BoolArray:
    """Kruskal: mask of the edges, given lightest first, that join two components of n points."""
    parent = np.arange(n)
    kept = np.zeros(i.shape[0], np.bool_)
    for e in range(i.shape[0]):
        a, b = find_root(parent, i[e]), find_root(parent, j[e])
        if a != b:
            parent[max(a, b)] = min(a, b)
            kept[e] = True
    return kept


@kernel()
def _merge_order(n: int, i: Int64Array, j: Int64Array, height: Float32Array) -> tuple[Int64Array, Float32Array]:
    # single linkage as concatenation of lists: what stands between two members is where they met
    parent = np.arange(n)
    tail = np.arange(n)
    follower = np.full(n, -1)
    gap = np.full(n, np.inf, np.float32)
    is_head = np.ones(n, np.bool_)
    size = np.ones(n, np.int64)
    head = np.arange(n)
    for e in range(i.shape[0]):
        a, b = find_root(parent, i[e]), find_root(parent, j[e])
        if size[a] < size[b]:
            a, b = b, a
        parent[b] = a
        size[a] += size[b]
        follower[tail[a]] = head[b]
        gap[tail[a]] = height[e]
        is_head[head[b]] = False
        tail[a] = tail[b]
    position = np.empty(n, np.int64)
    ordered_gap = np.empty(n, np.float32)
    place = 0
    for start in range(n):
        if is_head[start]:
            x = start
            while x >= 0:
                position[x] = place
                ordered_gap[place] = gap[x]
                place += 1
                x = follower[x]
    return position, ordered_gap


@dataclass(frozen=True)
class Dendrogram:
    """
    Single-linkage order of n points.

    Attributes
    ----------
    position : ndarray, shape (n,), int64
        Place of each point.
    table : ndarray, shape (n_levels, n), float32
        `table[l, p]` is the largest merge height between places p and p + 2**l, rounded up.
    """

    position: Int64Array
    table: Float32Array

    @classmethod
    def of(cls, n: int, i: Int64Array, j: Int64Array, squared: Float64Array) -> Dendrogram:
        """
        Build it from a forest.

        Parameters
        ----------
        n : int
        i, j : ndarray, shape (n_edges,), int64
        squared : ndarray, shape (n_edges,), float64
            Squared weights, ascending.

        Returns
        -------
        Dendrogram
            4 * log2(n) + 8 bytes per point.
        """
        height = np.nextafter(np.sqrt(squared).astype(np.float32), np.float32(np.inf))
        position, gap = _merge_order(n, i, j, height)
        table = np.empty((max(1, (n - 1).bit_length()), n), np.float32)
        table[0] = gap
        for level in range(1, len(table)):
            half = 1 << (level - 1)
            np.maximum(table[level - 1, :-half], table[level - 1, half:], out=table[level, :-half])
            table[level, -half:] = table[level - 1, -half:]
        return cls(position=position, table=table)

    def limits(self, label: Int64Array, floor: Float32Array) -> Limits:
        """
        Limits under which only pairs matter that could replace an edge of the forest.

        Parameters
        ----------
        label : ndarray, shape (n_positions,), int64
            Point at each position of the scan order, -1 for none.
        floor : ndarray, shape (n,) or (0,), float32
            Per point; a point whose floor is inf takes no part.

        Returns
        -------
        Limits
        """
        point = np.maximum(label, 0)
        position = self.position[point]
        reach, anchor = _reach_from_anchors(label, position, self.table)
        if floor.size:
            floor = floor[point]
            reach[np.isinf(floor)] = -1.0
        return Limits(reach=reach, anchor=anchor, position=position, table=self.table, floor=floor)


@kernel(parallel=True)
def _reach_from_anchors(
    label: Int64Array,
    position: Int64Array,
    table: Float32Array,
) -> tuple[Float32Array, Int64Array]:
    reach = np.full(label.shape[0], np.float32(-1.0))
    anchor = np.empty(label.shape[0] // LEAF, np.int64)
    for leaf in prange(anchor.shape[0]):
        start = leaf * LEAF
        best, lowest = start, np.float32(np.inf)
        for p in range(start, start + LEAF):
            place = position[p]
            own = min(table[0, place], table[0, place - 1] if place > 0 else np.float32(np.inf))
            if label[p] >= 0 and own < lowest:
                best, lowest = p, own
        anchor[leaf] = best
        for p in range(start, start + LEAF):
            if label[p] >= 0:
                reach[p] = widest_link(position, table, p, best)
    return reach, anchor
