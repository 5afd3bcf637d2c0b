"""DBSCAN, exactly as defined, at any size."""

from __future__ import annotations

import math

from python_assets.clustering.build import build_forest
from python_assets.clustering.spanning import Progress
from python_assets.clustering.vectors import Float32Array, Int64Array, check_radius

METRICS = ("euclidean", "cosine")


def euclidean_eps(eps: float, metric: str) -> float:
    """
    Euclidean distance that stands for eps in the given metric.

    Parameters
    ----------
    eps : float
        For cosine a cosine distance 1 - similarity, above 0 and at most 2.
    metric : {"euclidean", "cosine"}

    Returns
    -------
    float
        eps itself, or sqrt(2 * eps): for unit vectors ||a - b||^2 = 2 * (1 - a . b).

    Raises
    ------
    ValueError
        For an unknown metric or an eps outside of its range.
    """
    if metric not in METRICS:
        raise ValueError(f"metric must be one of {METRICS}, not {metric!r}")
    value = check_radius(eps)
    if metric == "euclidean":
        return value
    if value > 2.0:
        raise ValueError(f"a cosine distance is at most 2, so eps = {value} is too large")
    return math.sqrt(2.0 * value)


def dbscan(
    X: Float32Array,
    eps: float,
    min_samples: int = 1,
    metric: str = "euclidean",
    *,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Int64Array:
    """
    Density-based clusters.

    A pair is within eps when the float64 sum of squared differences of the two stored float32 vectors
    is at most eps * eps. The partition is scikit-learn's on the same vectors as float64, unless a pair
    lies within 1e-9 of eps, where scikit-learn's own rounding decides.

    Parameters
    ----------
    X : ndarray, shape (n_samples, n_features), float32
        For metric "cosine" vectors of norm 1.
    eps : float
    min_samples : int
        Points within eps, itself included, that make a core point.
    metric : {"euclidean", "cosine"}
    device : str
        "cpu" or a torch device.
    progress : callable, optional
        Called as progress(done, total) between batches.

    Returns
    -------
    ndarray, shape (n_samples,), int64
        -1 for noise, otherwise clusters numbered by first appearance.

    Raises
    ------
    ValueError
        For arguments outside of the definition.

    Notes
    -----
    For more than one eps build a forest once (`build_forest`) and ask it. Memory as stated there.
    """
    radius = euclidean_eps(eps, metric)
    return build_forest(X, radius, min_samples, device=device, progress=progress).labels(radius)
