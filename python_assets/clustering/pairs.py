"""Batches of pairs, and what makes a pair matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from python_assets.clustering.vectors import Float32Array, Float64Array, Int32Array, Int64Array

IntArray = Int32Array | Int64Array


@dataclass(frozen=True)
class Pairs:
    """
    A batch of pairs.

    Attributes
    ----------
    i, j : ndarray, shape (n_pairs,), int64
        i < j; each pair occurs once.
    squared : ndarray, shape (n_pairs,), float64
        Squared distance.
    """

    i: Int64Array
    j: Int64Array
    squared: Float64Array

    def __len__(self) -> int:
        """Return the number of pairs."""
        return self.i.size


@dataclass(frozen=True)
class Limits:
    """
    What makes a pair matter, per position of the scan order.

    A pair (p, q) is put out when its distance is at most the largest of `reach[p]`, `reach[q]` and the
    heaviest forest edge between the anchors of their two leaves. With reach[p] the heaviest edge
    between p and the anchor of its leaf, that is an upper bound of the heaviest edge on the forest
    path from p to q; a pair that passes is then measured against its own heaviest edge.

    Attributes
    ----------
    reach : ndarray, shape (n_positions,), float32
        Rounded up; may be inf, and -1 takes a point out.
    anchor : ndarray, shape (n_leaves,), int64
        One position per leaf.
    position : ndarray, shape (n_positions,) or (0,), int64
    table : ndarray, shape (n_levels, n) or (0, 0), float32
        Dendrogram positions and range maxima (`bottleneck.Dendrogram`); empty without a forest.
    floor : ndarray, shape (n_positions,) or (0,), float32
        A pair cannot be lighter than this (core distance, rounded down).
    """

    reach: Float32Array
    anchor: Int64Array
    position: Int64Array
    table: Float32Array
    floor: Float32Array


def ordered_pairs(i: IntArray, j: IntArray, squared: Float64Array) -> Pairs:
    """Return the pairs with i < j."""
    return Pairs(np.minimum(i, j).astype(np.int64), np.maximum(i, j).astype(np.int64), squared)
