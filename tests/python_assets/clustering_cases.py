"""Vectors for the clustering tests, and answers by brute force."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN

Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]


def brute_squares(X: Float32Array) -> Float64Array:
    """Squared distances by definition, (n, n) float64."""
    wide = X.astype(np.float64)
    squares: Float64Array = cdist(wide, wide, "sqeuclidean")
    return squares


def by_appearance(labels: npt.NDArray[np.integer]) -> Int64Array:
    """Labels renumbered in order of first appearance, noise -1."""
    number: dict[int, int] = {-1: -1}
    return np.array([number.setdefault(int(x), len(number) - 1) for x in labels], np.int64)


def sklearn_labels(X: Float32Array, eps: float, min_samples: int) -> Int64Array:
    """scikit-learn's partition of the float64 vectors, numbered by first appearance."""
    model = DBSCAN(eps=eps, min_samples=min_samples, algorithm="brute", metric="precomputed")
    # scikit-learn compares d <= eps; an indicator leaves its own rounding of d out of the comparison
    apart = np.where(brute_squares(X) <= eps * eps, 0.0, 1.0)
    model.set_params(eps=0.5)
    return by_appearance(model.fit(apart).labels_)


KINDS = ("unit", "clustered", "lattice")


@st.composite
def vectors_and_eps(draw: st.DrawFn, max_rows: int = 120, kinds: tuple[str, ...] = KINDS) -> tuple[Float32Array, float]:
    """
    Vectors of 1 to 1,024 dimensions, random, clustered or on a lattice, and an eps for them.

    On a lattice squared distances are exact in any order of summation, so eps may be exactly one of the
    distances; elsewhere it lies beside one by 1e-7 of it.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(0, max_rows))
    d = draw(st.sampled_from([1, 2, 3, 8, 15, 16, 17, 48, 49, 100, 129, 384, 1024]))
    kind = draw(st.sampled_from(kinds))
    X = rng.integers(1, 4, (n, d)) * 0.25 if kind == "lattice" else scattered(rng, n, d, kind)
    if n and draw(st.booleans()):
        X = X[rng.integers(0, n // 3 + 1, n)]
    vectors = X.astype(np.float32)
    distances = np.sqrt(np.unique(brute_squares(vectors)))
    distances = distances[distances > 1e-4]
    if not distances.size or draw(st.booleans()):
        return vectors, draw(st.sampled_from([0.05, 0.25, 0.5, 1.0, 2.0]))
    chosen = float(distances[draw(st.integers(0, distances.size - 1))])
    beside = [1.0 - 1e-7, 1.0 + 1e-7]
    return vectors, chosen * draw(st.sampled_from([1.0, *beside] if kind == "lattice" else beside))


def scattered(rng: np.random.Generator, n: int, d: int, kind: str) -> Float64Array:
    """Unit vectors, in four clusters of points at distances of 1e-4 to 1 when clustered."""
    X = rng.standard_normal((n, d)) + 1e-3
    if kind == "clustered":
        X = X[rng.integers(0, 4, n) % max(n, 1)] + 10.0 ** rng.uniform(-4, 0, (n, 1)) * X
    unit: Float64Array = X / np.linalg.norm(X, axis=1, keepdims=True)
    return unit
