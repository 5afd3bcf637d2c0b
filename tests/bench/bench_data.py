"""Vectors for the benchmark: real ones as they are, lifted and resampled, or isotropic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]

RESIDUAL_SHARE = 0.10
SMALLEST_STEP, LARGEST_STEP = 0.05, 1.0
_CHUNK = 20_000


def unit(vectors: npt.NDArray[np.floating]) -> Float32Array:
    """Rows scaled to norm 1 and rounded to float32."""
    scaled: Float32Array = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def real_vectors(path: Path | None, n: int = 50_000) -> Float32Array:
    """The saved vectors; without a file 384-dimensional ones with a comparable spectrum and duplicates."""
    if path is not None:
        return unit(np.load(path).astype(np.float32)[:n])
    rng = np.random.default_rng(0)
    scale = 1.0 / np.sqrt(np.arange(1, 385))
    topics = rng.standard_normal((n // 10, 384)) * scale
    drawn = topics[rng.integers(0, len(topics), n)] + 0.6 * rng.standard_normal((n, 384)) * scale
    copies = rng.random(n) < 0.05
    drawn[copies] = drawn[0]
    return unit(drawn)


def lift(vectors: Float32Array, d: int, rng: np.random.Generator) -> Float32Array:
    """
    Rotate into d dimensions and add a residual in the new ones.

    The residual holds RESIDUAL_SHARE of the energy, with variances proportional to 1/k over the new
    dimensions; the frame is a random orthonormal basis.
    """
    n, narrow = vectors.shape
    frame, _ = np.linalg.qr(rng.standard_normal((d, d)))
    spectrum = 1.0 / np.arange(1, d - narrow + 1)
    scale = np.sqrt(RESIDUAL_SHARE / (1.0 - RESIDUAL_SHARE) * spectrum / spectrum.sum())
    rest = rng.standard_normal((n, d - narrow)) * scale
    return unit(np.hstack([vectors, rest]).astype(np.float32) @ frame.T.astype(np.float32))


def resample(base: Float32Array, n: int, rng: np.random.Generator) -> Float32Array:
    """
    n vectors around those of `base`: base + s * (difference of two others, scaled to norm 1).

    s is log-uniform from 0.05 to 1, so the noise has the covariance of the data and about half of the
    vectors lie within 0.2 of their base.
    """
    out = np.empty((n, base.shape[1]), np.float32)
    for start in range(0, n, _CHUNK):
        size = min(_CHUNK, n - start)
        origin, plus, minus = (base[rng.integers(0, len(base), size)] for _ in range(3))
        step = np.exp(rng.uniform(np.log(SMALLEST_STEP), np.log(LARGEST_STEP), (size, 1)))
        out[start : start + size] = unit(origin + step * unit(plus - minus + 1e-6))
    return out


def isotropic(n: int, d: int, spread: float, rng: np.random.Generator) -> Float32Array:
    """Unit vectors around one direction, `spread` the expected length of the noise; every direction alike."""
    out = np.empty((n, d), np.float32)
    for start in range(0, n, _CHUNK):
        size = min(_CHUNK, n - start)
        noise = rng.standard_normal((size, d)).astype(np.float32) * np.float32(spread / np.sqrt(d))
        noise[:, 0] += 1.0
        out[start : start + size] = unit(noise)
    return out
