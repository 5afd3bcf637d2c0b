"""Enumerate the pairs of points that matter, node pair by node pair, under thresholds that may shrink."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numba
import numpy as np

from python_assets.clustering import kernels
from python_assets.clustering.dense import scan_dense
from python_assets.clustering.kdtree import LEAF, NODE, bounding_boxes, leaf_order, node_pairs
from python_assets.clustering.pairs import Limits, Pairs, ordered_pairs
from python_assets.clustering.projection import STAGES, Projection, fit_basis, project
from python_assets.clustering.rounding import UNIT32, gamma
from python_assets.clustering.simd import WIDTH
from python_assets.clustering.vectors import Float32Array, Int64Array, Matrix

_TASKS = 512
_CAPACITY = 8_192
DENSE_SHARE = 0.06


class Scanner:
    """
    Points in leaf order with their short images.

    Parameters
    ----------
    matrix : Matrix
    radius : float
        No pair farther apart is ever put out.
    groups : sequence of ndarray, int64
        Rows to arrange, each group in leaves of its own. A point is known by its index in the
        concatenation of the groups.

    Notes
    -----
    Memory: 640 bytes per point (twice that while it is built), whatever n_features.
    """

    def __init__(self, matrix: Matrix, radius: float, groups: Sequence[Int64Array]) -> None:
        self.matrix = matrix
        self.radius = radius
        rows = np.concatenate(groups)
        images = project(matrix, rows, fit_basis(matrix, rows), radius)
        self.label, self.node_ranges = _arrange(images, [group.size for group in groups])
        filled = np.maximum.accumulate(np.where(self.label >= 0, np.arange(self.label.size), 0))
        source = self.label[filled]
        self.order = np.where(self.label >= 0, rows[source], -1)
        self.middle = np.ascontiguousarray(images.coordinates[source, : STAGES[1]])
        self.outer = np.ascontiguousarray(images.coordinates[source, STAGES[1] :])
        self.rest = images.residuals[source]
        self._set_lead()
        self._set_scale(images)

    def _set_lead(self) -> None:
        lead = np.column_stack([self.middle[:, : STAGES[0]], self.rest[:, 0]])
        self.leaf_boxes = bounding_boxes(lead, LEAF)
        self.node_boxes = bounding_boxes(lead, NODE)
        half = (np.einsum("ij,ij->i", lead, lead, dtype=np.float64) / 2.0).astype(np.float32)
        half[self.label < 0] = np.inf
        self.half = half
        self.lead = lead.ravel()
        self.blocks = lead.reshape(-1, LEAF, WIDTH).transpose(0, 2, 1).ravel()

    def _set_scale(self, images: Projection) -> None:
        # the float32 product of the first stage, then the float32 sums of the later ones
        margin = 2.0 * images.error
        longest = min(self.radius + margin, 2.0 * images.radius)
        slack = gamma(WIDTH + 8, UNIT32) * images.radius**2 + gamma(STAGES[-1] + 12, UNIT32) * longest**2
        self.scale = np.array([self.radius, margin, slack])

    def rename(self, point: Int64Array) -> None:
        """Know each point as `point[row]` from now on."""
        self.label = np.where(self.label >= 0, point[self.order], -1)

    def product(self, a: Float32Array, b: Float32Array) -> Float32Array:
        """Return a @ b.T, each element a float32 sum of float32 products in any order."""
        return a @ b.T

    def no_limits(self) -> Limits:
        """Return limits under which every pair within the radius matters."""
        return Limits(
            reach=np.full(self.label.size, np.inf, np.float32),
            anchor=np.arange(0, self.label.size, LEAF),
            position=np.empty(0, np.int64),
            table=np.empty((0, 0), np.float32),
            floor=np.empty(0, np.float32),
        )

    def tasks(self, row_group: int = 0, column_group: int = 0) -> tuple[Int64Array, Int64Array]:
        """Return the pairs of nodes whose boxes lie within the radius, nearest first."""
        within = row_group == column_group
        rows, columns, gaps = node_pairs(
            self.node_boxes.low,
            self.node_boxes.high,
            np.arange(*self.node_ranges[row_group]),
            np.arange(*self.node_ranges[column_group]),
            within,
            math.sqrt(2.0 * self._cap(np.array([np.inf]))[0]),
        )
        nearest = np.lexsort((np.abs(rows - columns), gaps, rows != columns))
        return rows[nearest], columns[nearest]

    def _cap(self, reach: Float32Array) -> Float32Array:
        # half of the squared image distance up to which a pair passes, as kernels.bound has it
        radius, margin, slack = self.scale
        stretched = np.minimum(reach.astype(np.float64), radius) + margin
        cap = ((0.5 * stretched * stretched + slack) * (1.0 + 1e-6)).astype(np.float32)
        return np.where(reach < 0, np.float32(0.0), cap)

    def run(self, rows: Int64Array, columns: Int64Array, limits: Callable[[], Limits]) -> Iterator[tuple[int, Pairs]]:
        """
        Work off node pairs.

        Parameters
        ----------
        rows, columns : ndarray, int64
            From `tasks`.
        limits : callable
            Asked before each batch; the limits may shrink from batch to batch.

        Yields
        ------
        tuple of int and Pairs
            The node pairs finished so far, and a batch: at most 512 * 8,192 pairs of point indices
            (16 bytes each), or 2**20 from the dense path.
        """
        progress = np.zeros(rows.size, np.int64)
        out = _Output(min(_TASKS, rows.size), _CAPACITY)
        pending = np.arange(rows.size)
        dense: list[int] = []
        while pending.size:
            batch, later = _interleaved(pending[:_TASKS]), pending[_TASKS:]
            current = limits()
            state = progress[batch]
            self._scan(rows[batch], columns[batch], state, current, out)
            progress[batch] = state
            dense += batch[state == kernels.DENSE].tolist()
            pending = np.concatenate([batch[state >= 0], later])
            yield rows.size - pending.size - len(dense), out.pairs(batch.size)
            if len(dense) >= _TASKS or not pending.size:
                for task in dense:
                    yield rows.size - pending.size, scan_dense(self, int(rows[task]), int(columns[task]), limits())
                dense = []

    def _scan(self, rows: Int64Array, columns: Int64Array, state: Int64Array, limits: Limits, out: _Output) -> None:
        cap = self._cap(limits.reach)
        half = self.half
        if (limits.reach < 0).any():
            half = np.where(limits.reach < 0, np.float32(np.inf), half)
        leaf_cap = cap.reshape(-1, LEAF).max(axis=1)
        kernels.scan_tasks(
            rows, columns, state, self.lead, self.blocks, half, self.middle, self.outer, self.rest, cap, leaf_cap,
            self.leaf_boxes.low, self.leaf_boxes.high, limits.anchor, limits.position, limits.table, limits.floor,
            self.scale, self.matrix.first, self.matrix.second, self.order, self.label, DENSE_SHARE,
            out.i, out.j, out.squared, out.counts,
        )  # fmt: skip


def _interleaved(tasks: Int64Array) -> Int64Array:
    """Deal the tasks out, so that each thread's contiguous share has nearest and farthest ones."""
    threads = numba.get_num_threads()
    return np.concatenate([tasks[k::threads] for k in range(threads)])


class _Output:
    """Room for the pairs of one batch of node pairs."""

    def __init__(self, tasks: int, capacity: int) -> None:
        self.i = np.empty((tasks, capacity), np.int32)
        self.j = np.empty((tasks, capacity), np.int32)
        self.squared = np.empty((tasks, capacity))
        self.counts = np.zeros(tasks, np.int64)

    def pairs(self, tasks: int) -> Pairs:
        """Return what the first `tasks` tasks put out."""
        used = np.arange(self.i.shape[1]) < self.counts[:tasks, None]
        return ordered_pairs(self.i[:tasks][used], self.j[:tasks][used], self.squared[:tasks][used])


def _arrange(images: Projection, sizes: Sequence[int]) -> tuple[Int64Array, list[tuple[int, int]]]:
    """Return the point at each position (-1 where a node is not full) and the range of nodes of each group."""
    lead = np.column_stack([images.coordinates[:, : STAGES[0]], images.residuals[:, 0]])
    labels, ranges, start, node = [], [], 0, 0
    for size in sizes:
        order = leaf_order(lead[start : start + size]) + start
        nodes = -(-size // NODE)
        labels.append(np.concatenate([order, np.full(nodes * NODE - size, -1)]))
        ranges.append((node, node + nodes))
        start, node = start + size, node + nodes
    return np.concatenate(labels), ranges
