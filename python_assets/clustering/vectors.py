"""Input vectors: what is accepted, and the collapse of identical rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from python_assets.compiled import kernel

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]
Int32Array = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]
Scalar = float | np.floating[Any]


def check_vectors(X: npt.ArrayLike, *, name: str = "X", allow_zero: bool = False) -> Float32Array:
    """
    Return X as a C-contiguous float32 matrix, or say why it cannot be clustered.

    Parameters
    ----------
    X : array_like, shape (n_samples, n_features)
        float32; other types are accepted only when the conversion to float32 is exact.
    name : str
        What to call the matrix in an error.
    allow_zero : bool
        Accept rows whose elements are all zero.

    Returns
    -------
    ndarray, shape (n_samples, n_features), float32
        X itself when it is already stored that way, otherwise a copy.

    Raises
    ------
    ValueError
        For a wrong shape, a value that float32 cannot hold exactly, NaN, infinity, magnitudes
        whose squares leave the float32 range, or (unless allowed) a zero row.
    """
    raw = np.asarray(X)
    if raw.ndim != 2:
        raise ValueError(f"{name} must be a matrix (n_samples, n_features), not of shape {raw.shape}")
    if raw.shape[0] > 2**31 - 2**16:
        raise ValueError(f"{name} has {raw.shape[0]} rows; at most 2**31 - 2**16 are supported")
    vectors = np.ascontiguousarray(raw, dtype=np.float32)
    if vectors.dtype != raw.dtype and not np.array_equal(vectors.astype(np.float64), raw, equal_nan=True):
        raise ValueError(f"{name} ({raw.dtype}) is not exactly representable in float32; convert it first")
    if vectors.shape[0] and not vectors.shape[1]:
        raise ValueError(f"{name} has no columns")
    _check_rows(vectors, name, allow_zero)
    return vectors


def _check_rows(vectors: Float32Array, name: str, allow_zero: bool) -> None:
    squares = row_squares(vectors, np.arange(vectors.shape[0]))
    if not np.isfinite(squares).all():
        row = int(np.flatnonzero(~np.isfinite(squares))[0])
        raise ValueError(f"{name} contains NaN or infinity (first in row {row})")
    if squares.size and squares.max() > 1e30:
        raise ValueError(f"{name}: row {int(squares.argmax())} has a norm above 1e15; scale the vectors")
    if not allow_zero and (squares == 0.0).any():
        row = int(np.flatnonzero(squares == 0.0)[0])
        raise ValueError(f"{name} contains a zero vector (first in row {row}); it has no direction to compare")


def check_radius(radius: float, name: str = "eps") -> float:
    """Return the radius as a float, or raise ValueError unless it is finite and positive."""
    value = float(radius)
    if not math.isfinite(value) or value <= 0.0:
        raise ValueError(f"{name} must be a finite number above 0, not {radius!r}")
    if not 1e-15 <= value <= 1e15:
        raise ValueError(f"{name} must lie between 1e-15 and 1e15, not {radius!r}")
    return value


@kernel(parallel=True, fastmath={"reassoc"})
def row_squares(vectors: Float32Array, rows: Int64Array) -> Float64Array:
    """Squared norm of each of the rows, (n_rows,) float64, accumulated in float64."""
    d = vectors.shape[1]
    out = np.empty(rows.shape[0], np.float64)
    for r in prange(rows.shape[0]):
        total = 0.0
        row = vectors[rows[r]]
        for k in range(d):
            value = np.float64(row[k])
            total += value * value
        out[r] = total
    return out


@kernel(parallel=True)
def row_hashes(bits: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """Hash of each row of float32 bits, (n_rows,) uint64; 0.0 and -0.0 are equal."""
    n, d = bits.shape
    out = np.empty(n, np.uint64)
    for r in prange(n):
        h = np.uint64(0x9E3779B97F4A7C15)
        for k in range(d):
            word = np.uint64(bits[r, k])
            if word == np.uint64(0x80000000):
                word = np.uint64(0)
            h = (h ^ word) * np.uint64(0xD6E8FEB86659FD93)
            h ^= h >> np.uint64(32)
        out[r] = h
    return out


@kernel()
def _group_runs(vectors: Float32Array, hashes: npt.NDArray[np.uint64], by_hash: Int64Array) -> Int64Array:
    n, d = vectors.shape
    first = np.arange(n)
    start = 0
    while start < n:
        stop = start + 1
        while stop < n and hashes[by_hash[stop]] == hashes[by_hash[start]]:
            stop += 1
        head = by_hash[start]
        for p in range(start + 1, stop):
            row = by_hash[p]
            same = True
            for k in range(d):
                if vectors[row, k] != vectors[head, k]:
                    same = False
                    break
            if same:
                first[row] = head
        start = stop
    return first


@dataclass(frozen=True)
class Distinct:
    """
    Which rows are the first of their kind.

    Attributes
    ----------
    rows : ndarray, shape (n_distinct,), int64
        Positions of the first row of each distinct vector, in the given order.
    first : ndarray, shape (n_samples,), int64
        For each row, the position of the first row identical to it (its own when it is the first).
    """

    rows: Int64Array
    first: Int64Array

    def multiplicity(self) -> Int64Array:
        """Return the number of rows behind each distinct vector, shape (n_distinct,), int64."""
        counts = np.bincount(self.first, minlength=self.first.size)
        return counts[self.rows].astype(np.int64)


def find_distinct(vectors: Float32Array, order: Int64Array) -> Distinct:
    """
    Group identical rows (0.0 and -0.0 are equal).

    Rows are grouped by a 64-bit hash and then compared in full, so a collision never merges two
    different rows; at worst an identical row is left uncollapsed, which costs time and nothing else.

    Parameters
    ----------
    vectors : ndarray, shape (n_samples, n_features), float32
    order : ndarray, shape (n_samples,), int64
        The rows in the order that says which of several identical ones is the first.

    Returns
    -------
    Distinct
        32 bytes per row at the peak, beside the vectors.
    """
    hashes = row_hashes(vectors.view(np.uint32))
    by_hash = order[np.argsort(hashes[order], kind="stable")]
    first = _group_runs(vectors, hashes, by_hash)
    return Distinct(rows=order[first[order] == order], first=first)
