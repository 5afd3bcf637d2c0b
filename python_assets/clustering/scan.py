"""Enumerate the pairs of points that matter, node pair by node pair, under thresholds that may shrink."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numba
import numpy as np

from python_assets.clustering import kernels
from python_assets.clustering.arrangement import Arrangement
from python_assets.clustering.dense import scan_dense
from python_assets.clustering.kdtree import LEAF, node_pairs
from python_assets.clustering.pairs import Limits, Pairs, ordered_pairs
from python_assets.clustering.projection import STAGES
from python_assets.clustering.rounding import UNIT32, gamma
from python_assets.clustering.simd import WIDTH
from python_assets.clustering.vectors import Float32Array, Int64Array

_TASKS = 512
_CAPACITY = 8_192
DENSE_SHARE = 0.06


class Scanner:
    """
    Points in leaf order, ready to be compared.

    Parameters
    ----------
    vectors : ndarray, shape (n_rows, n_features), float32
    radius : float
        No pair farther apart is ever put out.
    arranged : Arrangement
        Of some of the rows.
    point : ndarray, shape (n_rows,), int64
        Index by which each row is known; rows with -1 take no part.
    """

    def __init__(self, vectors: Float32Array, radius: float, arranged: Arrangement, point: Int64Array) -> None:
        self.vectors = vectors
        self.radius = radius
        self.arranged = arranged
        self.label = np.where(arranged.order >= 0, point[arranged.order], -1)
        self.half = np.where(self.label >= 0, arranged.half, np.float32(np.inf))
        # the float32 product of the first stage, then the float32 sums of the later ones
        margin = 2.0 * arranged.error
        longest = min(radius + margin, 2.0 * arranged.extent)
        slack = gamma(WIDTH + 8, UNIT32) * arranged.extent**2 + gamma(STAGES[-1] + 12, UNIT32) * longest**2
        self.scale = np.array([radius, margin, slack])

    def product(self, a: Float32Array, b: Float32Array) -> Float32Array:
        """Return a @ b.T, each element a float32 sum of float32 products in any order."""
        return a @ b.T

    def no_limits(self) -> Limits:
        """Return limits under which every pair within the radius matters."""
        return Limits(
            reach=np.where(self.label >= 0, np.float32(np.inf), np.float32(-1.0)),
            anchor=np.arange(0, self.label.size, LEAF),
            position=np.empty(0, np.int64),
            table=np.empty((0, 0), np.float32),
            floor=np.empty(0, np.float32),
        )

    def tasks(self, rows: range | None = None, columns: range | None = None) -> tuple[Int64Array, Int64Array]:
        """Return the pairs of nodes whose boxes lie within the radius, nearest first; by default all with all."""
        everything = range(self.arranged.n_nodes)
        rows = everything if rows is None else rows
        columns = everything if columns is None else columns
        u, v, gaps = node_pairs(
            self.arranged.node_low,
            self.arranged.node_high,
            np.arange(rows.start, rows.stop),
            np.arange(columns.start, columns.stop),
            rows == columns,
            math.sqrt(2.0 * self._cap(np.array([np.inf]))[0]),
        )
        nearest = np.lexsort((np.abs(u - v), gaps, u != v))
        return u[nearest], v[nearest]

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
        images = self.arranged
        kernels.scan_tasks(
            rows, columns, state, images.lead.reshape(-1), images.blocks.reshape(-1), half, images.middle,
            images.outer, images.rest, cap, leaf_cap, images.leaf_low, images.leaf_high, limits.anchor,
            limits.position, limits.table, limits.floor, self.scale, self.vectors,
            images.order, self.label, DENSE_SHARE, out.i, out.j, out.squared, out.counts,
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
