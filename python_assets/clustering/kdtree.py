"""Order points so that neighbours in space are neighbours in memory: a k-d split into full leaves."""

from __future__ import annotations

import numpy as np

from python_assets.clustering.vectors import Float32Array, Float64Array, Int64Array
from python_assets.compiled import kernel

LEAF = 64
NODE_LEAVES = 16
NODE = LEAF * NODE_LEAVES


def leaf_order(points: Float32Array) -> Int64Array:
    """
    Permutation that places the points of one leaf next to each other.

    A range is split along the coordinate of the largest spread, at the multiple of LEAF nearest to
    its middle (of NODE while it is longer), so only the last leaf is partly filled.

    Parameters
    ----------
    points : ndarray, shape (n_points, n_dims), float32

    Returns
    -------
    ndarray, shape (n_points,), int64
        `order[p]` is the point at position p. 16 bytes per point while it runs.
    """
    order = np.arange(points.shape[0])
    pending = [(0, points.shape[0])]
    while pending:
        start, stop = pending.pop()
        size = stop - start
        if size <= LEAF:
            continue
        block = points[order[start:stop]]
        values = block[:, int(np.argmax(block.var(axis=0)))]
        unit = NODE if size > NODE else LEAF
        middle = (size + unit) // (2 * unit) * unit
        middle = min(max(middle, unit), (size - 1) // unit * unit)
        order[start:stop] = order[start:stop][np.argpartition(values, middle)]
        pending += [(start, start + middle), (start + middle, stop)]
    return order


def bounding_boxes(points: Float32Array, group: int) -> tuple[Float32Array, Float32Array]:
    """
    Boxes of each run of `group` consecutive points.

    Parameters
    ----------
    points : ndarray, shape (n_points, n_dims), float32
        Already in leaf order.
    group : int

    Returns
    -------
    low, high : ndarray, shape (ceil(n_points / group), n_dims), float32
    """
    starts = np.arange(0, points.shape[0], group)
    return np.minimum.reduceat(points, starts, axis=0), np.maximum.reduceat(points, starts, axis=0)


@kernel(fastmath={"reassoc", "contract"})
def box_gap(low: Float32Array, high: Float32Array, low2: Float32Array, high2: Float32Array) -> float:
    """Squared distance between two boxes in float64; relative error below (n_dims + 3) * 2**-53."""
    total = 0.0
    for k in range(low.shape[0]):
        gap = max(float(low[k]) - float(high2[k]), float(low2[k]) - float(high[k]), 0.0)
        total += gap * gap
    return total


@kernel()
def node_pairs(
    low: Float32Array,
    high: Float32Array,
    row_nodes: Int64Array,
    column_nodes: Int64Array,
    symmetric: bool,
    reach: float,
) -> tuple[Int64Array, Int64Array, Float64Array]:
    """
    Pairs of nodes whose boxes lie within `reach`, and the squared gaps.

    With `symmetric` only pairs with row <= column are listed.
    """
    rows, columns, gaps = [], [], []
    limit = reach * reach * (1.0 + 1e-12)
    for a in row_nodes:
        for b in column_nodes:
            if symmetric and b < a:
                continue
            gap = box_gap(low[a], high[a], low[b], high[b])
            if gap <= limit:
                rows.append(a)
                columns.append(b)
                gaps.append(gap)
    return np.array(rows, np.int64), np.array(columns, np.int64), np.array(gaps, np.float64)
