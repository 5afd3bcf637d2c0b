"""Points in leaf order with their short images: what a scan reads, and what the next run can go on with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import prange

from python_assets.clustering.kdtree import LEAF, NODE, bounding_boxes, leaf_order
from python_assets.clustering.projection import STAGES, Basis, fit_basis, project
from python_assets.clustering.simd import WIDTH
from python_assets.clustering.vectors import Float32Array, Int64Array
from python_assets.compiled import kernel

_SPARE_SHARE = 0.25


@dataclass(frozen=True)
class Arrangement:
    """
    Images of points at positions, 1,024 positions a node; the last node of each group is filled up.

    Attributes
    ----------
    basis : Basis
        What the images were made with.
    error, extent : float
        `Projection.error` and `Projection.radius` over all groups.
    first_nodes : int
        Nodes of the first group; later groups were appended.
    order : ndarray, shape (n_positions,), int64
        Row at each position, -1 where there is none.
    lead : ndarray, shape (n_positions, WIDTH), float32
        Image at the first stage: leading coordinates and the norm of the rest.
    blocks : ndarray, shape (n_positions // LEAF, WIDTH, LEAF), float32
        The same, coordinate by coordinate in each leaf.
    half : ndarray, shape (n_positions,), float32
        Half the squared norm of `lead`; inf where there is no row.
    middle, outer : ndarray, shape (n_positions, ...), float32
        Coordinates up to the second and the third stage.
    rest : ndarray, shape (n_positions, len(STAGES)), float32
        Norms of what each stage leaves out.
    leaf_low, leaf_high : ndarray, shape (n_positions // LEAF, WIDTH), float32
    node_low, node_high : ndarray, shape (n_positions // NODE, WIDTH), float32
        Bounding boxes of `lead`.
    """

    basis: Basis
    error: float
    extent: float
    first_nodes: int
    order: Int64Array
    lead: Float32Array
    blocks: Float32Array
    half: Float32Array
    middle: Float32Array
    outer: Float32Array
    rest: Float32Array
    leaf_low: Float32Array
    leaf_high: Float32Array
    node_low: Float32Array
    node_high: Float32Array

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_low)

    @property
    def is_scattered(self) -> bool:
        """Whether so much was appended in small groups, or has gone, that arranging everything anew pays."""
        filled = -(-int(np.count_nonzero(self.order >= 0)) // NODE)
        return self.n_nodes > (1.0 + _SPARE_SHARE) * min(self.first_nodes, filled) + 8

    def moved(self, place: Int64Array) -> Arrangement:
        """Return the arrangement of the same points when row r has become row ``place[r]``."""
        return replace(self, order=np.where(self.order >= 0, place[self.order], -1))


ARRAYS = (
    "order", "lead", "blocks", "half", "middle", "outer", "rest", "leaf_low", "leaf_high", "node_low", "node_high",
)  # fmt: skip


def arrange(vectors: Float32Array, rows: Int64Array, radius: float, basis: Basis | None = None) -> Arrangement:
    """
    Project rows and put neighbours in space next to each other.

    Parameters
    ----------
    vectors : ndarray, shape (n_rows, n_features), float32
    rows : ndarray, shape (n_points,), int64
        At least one.
    radius : float
        The radius that the images will be compared at; it decides their precision.
    basis : Basis, optional
        Default: the principal directions of the rows.

    Returns
    -------
    Arrangement
        Of one group. 780 bytes per point (twice that while it is built), whatever n_features.
    """
    fitted = fit_basis(vectors, rows) if basis is None else basis
    images = project(vectors, rows, fitted, radius)
    unordered = np.column_stack([images.coordinates[:, : STAGES[0]], images.residuals[:, 0]])
    label = _filled_nodes(leaf_order(unordered))
    source = label[np.maximum.accumulate(np.where(label >= 0, np.arange(label.size), 0))]
    lead = unordered[source]
    half = (np.einsum("ij,ij->i", lead, lead, dtype=np.float64) / 2.0).astype(np.float32)
    leaf_low, leaf_high = bounding_boxes(lead, LEAF)
    node_low, node_high = bounding_boxes(lead, NODE)
    return Arrangement(
        basis=fitted,
        error=images.error,
        extent=images.radius,
        first_nodes=len(node_low),
        order=np.where(label >= 0, rows[source], -1),
        lead=lead,
        blocks=np.ascontiguousarray(lead.reshape(-1, LEAF, WIDTH).transpose(0, 2, 1)),
        half=np.where(label >= 0, half, np.float32(np.inf)),
        middle=np.ascontiguousarray(images.coordinates[source, : STAGES[1]]),
        outer=np.ascontiguousarray(images.coordinates[source, STAGES[1] :]),
        rest=images.residuals[source],
        leaf_low=leaf_low,
        leaf_high=leaf_high,
        node_low=node_low,
        node_high=node_high,
    )


def appended(first: Arrangement, second: Arrangement) -> Arrangement:
    """Return the positions of `first`, then those of `second`, which were made with the same basis."""
    return Arrangement(
        basis=first.basis,
        error=max(first.error, second.error),
        extent=max(first.extent, second.extent),
        first_nodes=first.first_nodes,
        **{name: _joined(getattr(first, name), getattr(second, name)) for name in ARRAYS},
    )


def _joined(first: Any, second: Any) -> Any:
    out = np.empty((len(first) + len(second), *first.shape[1:]), first.dtype)
    _copy(first.reshape(-1), out.reshape(-1))
    out[len(first) :] = second
    return out


@kernel(parallel=True)
def _copy(source: Any, out: Any) -> None:
    for k in prange(source.shape[0]):
        out[k] = source[k]


def _filled_nodes(order: Int64Array) -> Int64Array:
    nodes = -(-order.size // NODE)
    return np.concatenate([order, np.full(nodes * NODE - order.size, -1)])
