"""Density-based clustering of unit vectors."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from sklearn.cluster import DBSCAN

from python_assets.errors import SettingsError

METRICS = ("euclidean", "cosine")
NOISE = -1


def euclidean_eps(eps: float, metric: str) -> float:
    """Convert eps to the Euclidean distance of unit vectors.

    For unit vectors the squared Euclidean distance is twice the cosine distance, hence
    ``sqrt(2 * eps)``.

    Raises
    ------
    SettingsError
        eps is not positive and finite, or the metric is unknown.
    """
    if metric not in METRICS:
        raise SettingsError(f"metric is {metric!r}; it can be {' or '.join(METRICS)}")
    if not (math.isfinite(eps) and eps > 0):
        raise SettingsError(f"eps is {eps}; it must be positive and finite")
    return math.sqrt(2 * eps) if metric == "cosine" else eps


def dbscan(
    X: npt.NDArray[np.float32], eps: float, min_samples: int = 1, metric: str = "euclidean"
) -> npt.NDArray[np.int64]:
    """Cluster unit vectors with DBSCAN.

    Parameters
    ----------
    X : ndarray of float32, shape (n, dimension)
        Rows of (nearly) unit norm.
    eps : float
        Largest distance of two neighbours, in the units of `metric`.
    min_samples : int
        Neighbours within eps, the point itself counted, that make a core point.
    metric : {"euclidean", "cosine"}
        Cosine is converted to Euclidean; there is no second path.

    Returns
    -------
    ndarray of int64, shape (n,)
        Cluster of each row, numbered by first appearance; -1 for noise.

    Raises
    ------
    SettingsError
        A parameter has a value that cannot work.
    ValueError
        X is not a matrix, holds NaN or infinity, or a zero vector.

    Notes
    -----
    Distances are computed in float64. Memory and time are those of scikit-learn's
    implementation: all neighbourhoods at once, quadratic time.
    """
    radius = euclidean_eps(eps, metric)
    if min_samples < 1:
        raise SettingsError(f"min_samples is {min_samples}; it must be at least 1")
    _check_vectors(X)
    if len(X) == 0:
        return np.empty(0, dtype=np.int64)
    labels = DBSCAN(eps=radius, min_samples=min_samples, n_jobs=-1).fit_predict(
        X.astype(np.float64)
    )
    return number_by_first_appearance(labels)


def number_by_first_appearance(labels: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Renumber labels 0, 1, 2, ... in the order in which they first appear; -1 stays.

    Parameters
    ----------
    labels : ndarray of integers, shape (n,)

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    clustered = labels != NOISE
    _, first, inverse = np.unique(labels[clustered], return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    result = np.full(len(labels), NOISE, dtype=np.int64)
    result[clustered] = rank[inverse]
    return result


def dbscan_comparable(
    X: npt.NDArray[np.float32],
    comparable: npt.NDArray[np.bool_],
    eps: float,
    min_samples: int = 1,
    metric: str = "euclidean",
) -> npt.NDArray[np.int64]:
    """Cluster the comparable rows; each other row stays alone.

    Parameters
    ----------
    X : ndarray of float32, shape (n, dimension)
    comparable : ndarray of bool, shape (n,)
    eps, min_samples, metric
        As in `dbscan`.

    Returns
    -------
    ndarray of int64, shape (n,)
        Clusters by first appearance over all rows. A row that is not comparable is a cluster of
        its own when one point makes a cluster (min_samples 1), else noise.
    """
    labels = np.full(len(X), NOISE, dtype=np.int64)
    labels[comparable] = dbscan(X[comparable], eps, min_samples, metric)
    if min_samples == 1:
        n_alone = np.count_nonzero(~comparable)
        labels[~comparable] = labels.max(initial=NOISE) + 1 + np.arange(n_alone)
    return number_by_first_appearance(labels)


def _check_vectors(X: npt.NDArray[np.float32]) -> None:
    if X.ndim != 2:
        raise ValueError(f"X has {X.ndim} dimensions; a matrix (n, dimension) is needed")
    if not np.isfinite(X).all():
        row = int(np.flatnonzero(~np.isfinite(X).all(axis=1))[0])
        raise ValueError(f"row {row} holds NaN or infinity")
    zero = np.flatnonzero(~X.any(axis=1))
    if len(zero):
        raise ValueError(f"row {int(zero[0])} is a zero vector; it has no direction")
