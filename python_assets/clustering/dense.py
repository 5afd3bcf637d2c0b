"""The path for nodes that short images cannot tell apart: a float32 product over all dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import prange

from python_assets.clustering.distance import LANES, within
from python_assets.clustering.kdtree import LEAF, NODE, NODE_LEAVES
from python_assets.clustering.kernels import RADIUS, between_leaves, bound, widest_link
from python_assets.clustering.pairs import Limits, Pairs, ordered_pairs
from python_assets.clustering.rounding import UNIT32, gamma
from python_assets.clustering.vectors import Float32Array, Float64Array, Int32Array, Int64Array
from python_assets.compiled import kernel

if TYPE_CHECKING:
    from python_assets.clustering.scan import Scanner


def scan_dense(scanner: Scanner, node_u: int, node_v: int, limits: Limits) -> Pairs:
    """
    Pairs that matter between two nodes.

    Both nodes are shifted by the mean m of the first. For the rounded shifted rows a', b' with norms at
    most r, ||a' - b'|| differs from ||a - b|| by at most 2 * 2**-24 * r, and the float32 product from
    a' . b' by at most gamma(d) * r^2 in any order of summation; both margins widen the filter.

    Parameters
    ----------
    scanner : Scanner
    node_u, node_v : int
    limits : Limits

    Returns
    -------
    Pairs
        At most NODE**2. Memory: about 28 bytes per pair of points and two nodes of shifted rows.
    """
    positions_u, rows_u = _points(scanner, node_u)
    positions_v, rows_v = _points(scanner, node_v)
    centre = rows_u.mean(axis=0)
    a, b = rows_u - centre, rows_v - centre
    half_a = np.einsum("ij,ij->i", a, a, dtype=np.float64) / 2.0
    half_b = np.einsum("ij,ij->i", b, b, dtype=np.float64) / 2.0
    longest = 2.0 * max(half_a.max(), half_b.max())
    slack = gamma(a.shape[1] + 8, UNIT32) * longest
    scale = np.array([scanner.radius, 2.0 * UNIT32 * np.sqrt(longest) * (1.0 + 1e-6), slack])
    found_i = np.empty((positions_u.size, positions_v.size), np.int32)
    found_j = np.empty_like(found_i)
    squared = np.empty(found_i.shape)
    counts = np.zeros(positions_u.size, np.int64)
    _pick(
        scanner.product(a, b), half_a.astype(np.float32), half_b.astype(np.float32), positions_u, positions_v,
        limits.reach, limits.anchor, limits.position, limits.table, limits.floor, scale,
        scanner.vectors, scanner.arranged.order, scanner.label,
        found_i, found_j, squared, counts,
    )  # fmt: skip
    used = np.arange(positions_v.size) < counts[:, None]
    return ordered_pairs(found_i[used], found_j[used], squared[used])


def _points(scanner: Scanner, node: int) -> tuple[Int64Array, Float32Array]:
    positions = np.arange(node * NODE, (node + 1) * NODE)
    positions = positions[scanner.arranged.order[positions] >= 0]
    return positions, scanner.vectors[scanner.arranged.order[positions]]


@kernel(parallel=True)
def _pick(
    product: Float32Array,
    half_a: Float32Array,
    half_b: Float32Array,
    positions_u: Int64Array,
    positions_v: Int64Array,
    reach: Float32Array,
    anchor: Int64Array,
    position: Int64Array,
    table: Float32Array,
    floor: Float32Array,
    scale: Float64Array,
    vectors: Float32Array,
    order: Int64Array,
    label: Int64Array,
    found_i: Int32Array,
    found_j: Int32Array,
    squared: Float64Array,
    counts: Int64Array,
) -> None:
    caps = np.empty(positions_v.size, np.float32)
    for y in range(positions_v.size):
        caps[y] = bound(reach[positions_v[y]], scale)
    betweens = np.zeros((NODE_LEAVES, NODE_LEAVES), np.float32)
    leaf_u, leaf_v = positions_u[0] // LEAF, positions_v[0] // LEAF
    for x in range(-(-positions_u.size // LEAF)):
        for y in range(-(-positions_v.size // LEAF)):
            betweens[x, y] = between_leaves(anchor[leaf_u + x], anchor[leaf_v + y], position, table, scale)
    for x in prange(positions_u.size):
        p = positions_u[x]
        if reach[p] < 0:
            continue
        cap = bound(reach[p], scale)
        found = 0
        sums = np.empty(LANES)
        for y in range(positions_v.size):
            most = max(max(cap, caps[y]), betweens[x // LEAF, y // LEAF])
            if product[x, y] < (half_a[x] + half_b[y]) - most:
                continue
            q = positions_v[y]
            if q <= p or reach[q] < 0:
                continue
            limit = scale[RADIUS] * scale[RADIUS]
            if table.shape[0] > 0:
                link = np.float64(widest_link(position, table, p, q))
                if floor.shape[0] > 0 and max(floor[p], floor[q]) > link:
                    continue
                limit = min(limit, link * link)
                if product[x, y] < (half_a[x] + half_b[y]) - bound(link, scale):
                    continue
            square = within(vectors[order[p]], vectors[order[q]], limit, sums)
            if square >= 0.0:
                found_i[x, found] = label[p]
                found_j[x, found] = label[q]
                squared[x, found] = square
                found += 1
        counts[x] = found
