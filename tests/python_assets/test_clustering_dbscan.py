"""The labels are scikit-learn's."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from python_assets.clustering import build_forest, dbscan, euclidean_eps
from tests.python_assets.clustering_cases import Float32Array, by_appearance, sklearn_labels, vectors_and_eps


@given(vectors_and_eps(), st.integers(1, 10))
def test_equals_scikit_learn_on_the_defined_pairs(case: tuple[Float32Array, float], min_samples: int) -> None:
    X, eps = case
    expected = sklearn_labels(X, eps, min_samples) if len(X) else np.empty(0, np.int64)
    np.testing.assert_array_equal(dbscan(X, eps, min_samples), expected)


@pytest.mark.parametrize("min_samples", [1, 2, 4, 10])
@pytest.mark.parametrize("eps", [0.05, 0.2, 0.35, 0.6])
def test_equals_scikit_learn_itself_on_several_nodes(eps: float, min_samples: int) -> None:
    X = clustered(2_500, 64, seed=5)
    expected = DBSCAN(eps=eps, min_samples=min_samples, algorithm="brute").fit(X.astype(np.float64)).labels_
    np.testing.assert_array_equal(dbscan(X, eps, min_samples), by_appearance(expected))


def test_border_point_goes_to_the_cluster_discovered_first() -> None:
    # 3.0 is within 1 of a core point of both groups and has too few neighbours to be core
    X = np.array([[5.0], [4.0], [4.5], [4.75], [3.0], [2.0], [1.5], [1.25], [1.0]], np.float32)
    labels = dbscan(X, 1.0, min_samples=4)
    np.testing.assert_array_equal(labels, sklearn_labels(X, 1.0, 4))
    assert labels[4] == labels[0] != labels[-1]


@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize("min_samples", [1, 2])
def test_tiny_inputs(n: int, min_samples: int) -> None:
    X = np.array([[1.0, 0.0], [0.8, 0.6]], np.float32)[:n]
    labels = dbscan(X, 1.0, min_samples)
    assert labels.dtype == np.int64
    assert labels.tolist() == ([0] * n if n >= min_samples else [-1] * n)


def test_cosine_is_a_conversion_of_eps() -> None:
    X = clustered(500, 32, seed=1)
    np.testing.assert_array_equal(dbscan(X, 0.02, metric="cosine"), dbscan(X, np.sqrt(0.04)))
    assert euclidean_eps(0.02, "cosine") == np.sqrt(0.04)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eps": 0.0}, "eps must be a finite number above 0"),
        ({"eps": -1.0}, "eps must be a finite number above 0"),
        ({"eps": float("nan")}, "eps must be a finite number above 0"),
        ({"eps": float("inf")}, "eps must be a finite number above 0"),
        ({"eps": 1e200}, "between 1e-15 and 1e15"),
        ({"eps": 2.5, "metric": "cosine"}, "cosine distance is at most 2"),
        ({"metric": "manhattan"}, "metric must be one of"),
        ({"min_samples": 0}, "min_samples must be at least 1"),
        ({"X": np.zeros((3, 2), np.float32)}, "zero vector .first in row 0"),
        ({"X": np.array([[1.0], [np.nan]], np.float32)}, "NaN or infinity .first in row 1"),
        ({"X": np.array([[1.0], [np.inf]], np.float32)}, "NaN or infinity .first in row 1"),
        ({"X": np.array([[1.0], [1e18]], np.float32)}, "norm above 1e15"),
        ({"X": np.array([1.0], np.float32)}, "must be a matrix"),
        ({"X": np.array([[0.1]])}, "not exactly representable in float32"),
        ({"device": "quantum"}, "'quantum' is not available"),
    ],
)
def test_what_is_refused(change: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {"X": np.eye(3, dtype=np.float32), "eps": 0.5} | change
    with pytest.raises(ValueError, match=message):
        dbscan(**arguments)  # type: ignore[arg-type]


def test_progress_is_reported_and_can_stop_the_work() -> None:
    X = clustered(3_000, 24, seed=2)
    seen: list[tuple[int, int]] = []
    build_forest(X, 0.3, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]
    assert all(a[0] <= b[0] for a, b in pairwise(seen))

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_forest(X, 0.3, progress=stop)


def clustered(n: int, d: int, seed: int) -> Float32Array:
    """Unit vectors around n / 20 centres at very different distances."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n // 20, d))[rng.integers(0, n // 20, n)]
    X += 10.0 ** rng.uniform(-3, 0, (n, 1)) * rng.standard_normal((n, d))
    unit: Float32Array = (X / np.linalg.norm(X, axis=1, keepdims=True)).astype(np.float32)
    return unit
