"""Compiled loops over pairs of leaves: filter in few dimensions, then decide in full."""

from __future__ import annotations

import numpy as np
from numba import prange

from python_assets.clustering.distance import LANES, second_stage, third_stage, within
from python_assets.clustering.kdtree import LEAF, NODE, NODE_LEAVES, box_gap
from python_assets.clustering.simd import ROWS, block_masks, lowest_bit
from python_assets.clustering.vectors import Float32Array, Float64Array, Int32Array, Int64Array, Scalar
from python_assets.compiled import kernel

_SAMPLE = 16
DONE, DENSE = -1, -2
RADIUS, MARGIN, SLACK = 0, 1, 2


@kernel()
def widest_link(position: Int64Array, table: Float32Array, a: int, b: int) -> np.float32:
    """Heaviest edge on the forest path between two points (inf when there is none): a range maximum."""
    p, q = position[a], position[b]
    if p == q:
        return np.float32(0.0)
    if p > q:
        p, q = q, p
    level = 0
    while (2 << level) <= q - p:
        level += 1
    return np.float32(max(table[level, p], table[level, q - (1 << level)]))


@kernel()
def bound(radius: Scalar, scale: Float64Array) -> np.float32:
    """Half of the squared image distance up to which pairs within `radius` pass, rounded up."""
    reach = min(np.float64(radius), scale[RADIUS]) + scale[MARGIN]
    return np.float32((0.5 * reach * reach + scale[SLACK]) * (1.0 + 1e-6))


@kernel()
def between_leaves(
    anchor_u: int, anchor_v: int, position: Int64Array, table: Float32Array, scale: Float64Array
) -> np.float32:
    """Cap that the forest sets between two leaves; 0 without a forest."""
    if table.shape[0] == 0:
        return np.float32(0.0)
    return bound(widest_link(position, table, anchor_u, anchor_v), scale)


@kernel()
def _looks_dense(
    node_u: int,
    node_v: int,
    label: Int64Array,
    middle: Float32Array,
    outer: Float32Array,
    rest: Float32Array,
    cap: Float32Array,
    between: Scalar,
    share: float,
) -> bool:
    met, seen = 0, 0
    step = NODE // _SAMPLE
    for x in range(_SAMPLE):
        for y in range(_SAMPLE):
            p = node_u * NODE + x * step + (y * 5) % step
            q = node_v * NODE + y * step + (x * 7) % step
            if label[p] < 0 or label[q] < 0 or p == q:
                continue
            seen += 1
            limit = np.float32(2.0) * max(max(cap[p], cap[q]), between)
            met += third_stage(p, q, middle, outer, rest, limit)
    return seen > 0 and met > share * seen


@kernel()
def _decide(
    p: int,
    q: int,
    middle: Float32Array,
    outer: Float32Array,
    rest: Float32Array,
    most: Scalar,
    position: Int64Array,
    table: Float32Array,
    floor: Float32Array,
    scale: Float64Array,
    vectors: Float32Array,
    order: Int64Array,
    sums: Float64Array,
) -> float:
    # squared distance of a pair that may still matter, or a negative number
    limit = scale[RADIUS] * scale[RADIUS]
    if table.shape[0] > 0:
        link = np.float64(widest_link(position, table, p, q))
        if floor.shape[0] > 0 and max(floor[p], floor[q]) > link:
            return -1.0
        if link < scale[RADIUS]:
            limit = min(limit, link * link)
            most = min(most, bound(link, scale))
    if not third_stage(p, q, middle, outer, rest, np.float32(2.0) * most):
        return -1.0
    return within(vectors[order[p]], vectors[order[q]], limit, sums)


@kernel(parallel=True)
def scan_tasks(
    rows: Int64Array,
    columns: Int64Array,
    progress: Int64Array,
    lead: Float32Array,
    blocks: Float32Array,
    half: Float32Array,
    middle: Float32Array,
    outer: Float32Array,
    rest: Float32Array,
    cap: Float32Array,
    leaf_cap: Float32Array,
    low: Float32Array,
    high: Float32Array,
    anchor: Int64Array,
    position: Int64Array,
    table: Float32Array,
    floor: Float32Array,
    scale: Float64Array,
    vectors: Float32Array,
    order: Int64Array,
    label: Int64Array,
    share: float,
    out_i: Int32Array,
    out_j: Int32Array,
    out_d: Float64Array,
    counts: Int64Array,
) -> None:
    """
    Work off pairs of nodes until done or until the output of a pair of nodes is full.

    The arrays are those of `python_assets.clustering.scan.Scanner`. `progress[t]` holds where task t
    goes on (DONE when finished, DENSE when it is left to the dense path), `counts[t]` what it put out.
    """
    capacity = out_i.shape[1]
    for t in prange(rows.shape[0]):
        node_u, node_v = rows[t], columns[t]
        masks = np.empty(ROWS, np.uint64)
        sums = np.empty(LANES)
        found = 0
        step = progress[t]
        if step == 0 and share < 1.0:
            between = between_leaves(anchor[node_u * NODE_LEAVES], anchor[node_v * NODE_LEAVES], position, table, scale)
            if _looks_dense(node_u, node_v, label, middle, outer, rest, cap, between, share):
                progress[t] = DENSE
                counts[t] = 0
                continue
        while step < NODE_LEAVES * NODE_LEAVES * LEAF and found + ROWS * LEAF <= capacity:
            u = node_u * NODE_LEAVES + step // (NODE_LEAVES * LEAF)
            v = node_v * NODE_LEAVES + step // LEAF % NODE_LEAVES
            start = step % LEAF
            step += LEAF - start
            if v < u:
                continue
            between = between_leaves(anchor[u], anchor[v], position, table, scale)
            most = max(max(leaf_cap[u], leaf_cap[v]), between)
            if box_gap(low[u], high[u], low[v], high[v]) > 2.0 * most:
                continue
            for i in range(start, LEAF, ROWS):
                if found + ROWS * LEAF > capacity:
                    step += i - LEAF
                    break
                block_masks(lead, u * LEAF + i, half, cap, blocks, v * LEAF, half, cap, between, masks)  # type: ignore[call-arg]
                for r in range(ROWS):
                    word = masks[r]
                    p = u * LEAF + i + r
                    while word != 0:
                        q = v * LEAF + lowest_bit(word)
                        word &= word - np.uint64(1)
                        if q <= p:
                            continue
                        most = max(max(cap[p], cap[q]), between)
                        if not second_stage(p, q, middle, rest, np.float32(2.0) * most):
                            continue
                        square = _decide(
                            p, q, middle, outer, rest, most, position, table, floor, scale, vectors, order, sums
                        )
                        if square >= 0.0:
                            out_i[t, found] = label[p]
                            out_j[t, found] = label[q]
                            out_d[t, found] = square
                            found += 1
        counts[t] = found
        progress[t] = step if step < NODE_LEAVES * NODE_LEAVES * LEAF else DONE


@kernel(parallel=True)
def decide_pairs(
    p: Int64Array,
    q: Int64Array,
    cap: Float32Array,
    middle: Float32Array,
    outer: Float32Array,
    rest: Float32Array,
    position: Int64Array,
    table: Float32Array,
    floor: Float32Array,
    scale: Float64Array,
    vectors: Float32Array,
    order: Int64Array,
) -> Float64Array:
    """Squared distance of each pair of positions that matters, -1 for the others, float64."""
    out = np.empty(p.shape[0])
    for e in prange(p.shape[0]):
        sums = np.empty(LANES)
        out[e] = _decide(p[e], q[e], middle, outer, rest, cap[e], position, table, floor, scale, vectors, order, sums)
    return out


@kernel(parallel=True)
def leaf_bounds(
    leaf_u: Int64Array,
    leaves_v: Int64Array,
    anchor: Int64Array,
    position: Int64Array,
    table: Float32Array,
    scale: Float64Array,
) -> Float32Array:
    """Cap that the forest sets between two sets of leaves, (n_u, n_v) float32."""
    out = np.empty((leaf_u.shape[0], leaves_v.shape[0]), np.float32)
    for x in prange(leaf_u.shape[0]):
        for y in range(leaves_v.shape[0]):
            out[x, y] = between_leaves(anchor[leaf_u[x]], anchor[leaves_v[y]], position, table, scale)
    return out
