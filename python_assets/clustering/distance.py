"""The distance that decides, float64 of the stored float32 vectors, and those of images that filter."""

from __future__ import annotations

import numpy as np

from python_assets.clustering.vectors import Float32Array, Float64Array, Scalar
from python_assets.compiled import kernel

LANES = 64
_RUN = 128


@kernel()
def squared_distance(a: Float32Array, b: Float32Array, sums: Float64Array) -> float:
    """
    Sum of squared differences of two float32 vectors in float64, in one order on every machine.

    `sums` is room for LANES running sums (element k goes to sum k % LANES), added by halves.
    """
    whole = a.shape[0] // LANES
    for k in range(LANES):
        sums[k] = 0.0
    for block in range(whole):
        x, y = a[block * LANES : (block + 1) * LANES], b[block * LANES : (block + 1) * LANES]
        for k in range(LANES):
            gap = np.float64(x[k]) - np.float64(y[k])
            sums[k] += gap * gap
    x, y = a[whole * LANES :], b[whole * LANES :]
    for k in range(x.shape[0]):
        gap = np.float64(x[k]) - np.float64(y[k])
        sums[k] += gap * gap
    half = LANES // 2
    while half > 0:
        for k in range(half):
            sums[k] += sums[k + half]
        half //= 2
    return float(sums[0])


@kernel(fastmath={"reassoc"})
def _passes(a: Float32Array, b: Float32Array, limit: float) -> bool:
    # float64 in any order: each sum differs from squared_distance by less than 1e-9 relative (d < 2**21)
    total = 0.0
    whole = a.shape[0] // _RUN
    for block in range(whole):
        x, y = a[block * _RUN : (block + 1) * _RUN], b[block * _RUN : (block + 1) * _RUN]
        for k in range(_RUN):
            gap = np.float64(x[k]) - np.float64(y[k])
            total += gap * gap
        if total > limit:
            return False
    x, y = a[whole * _RUN :], b[whole * _RUN :]
    for k in range(x.shape[0]):
        gap = np.float64(x[k]) - np.float64(y[k])
        total += gap * gap
    return total <= limit


@kernel()
def within(a: Float32Array, b: Float32Array, limit: float, sums: Float64Array) -> float:
    """Squared distance when it is at most `limit`, else -1."""
    if not _passes(a, b, limit * (1.0 + 1e-9)):
        return -1.0
    square = squared_distance(a, b, sums)
    return square if square <= limit else -1.0


@kernel(forceinline=True, fastmath={"reassoc", "contract"})
def _gap_square(a: Float32Array, b: Float32Array) -> np.float32:
    total = np.float32(0.0)
    for k in range(a.shape[0]):
        gap = a[k] - b[k]
        total += gap * gap
    return total


@kernel(forceinline=True)
def second_stage(p: int, q: int, middle: Float32Array, rest: Float32Array, limit: Scalar) -> bool:
    """Whether two images may lie within the square `limit`, by the second stage."""
    edge = rest[p, 1] - rest[q, 1]
    return bool(_gap_square(middle[p], middle[q]) + edge * edge <= limit)


@kernel(forceinline=True)
def third_stage(p: int, q: int, middle: Float32Array, outer: Float32Array, rest: Float32Array, limit: Scalar) -> bool:
    """Whether two images may lie within the square `limit`, by the third stage."""
    edge = rest[p, 2] - rest[q, 2]
    return bool(_gap_square(middle[p], middle[q]) + _gap_square(outer[p], outer[q]) + edge * edge <= limit)
