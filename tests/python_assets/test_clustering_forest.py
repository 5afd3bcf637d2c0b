"""The forest is the minimum spanning forest, answers every eps, and can be extended."""

from __future__ import annotations

import time
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from python_assets.clustering import Forest, build_forest, dbscan, extend_forest
from tests.python_assets.clustering_cases import (
    Float32Array,
    Float64Array,
    brute_squares,
    by_appearance,
    sklearn_labels,
    vectors_and_eps,
)


@given(vectors_and_eps())
def test_weight_and_every_partition(case: tuple[Float32Array, float]) -> None:
    X, eps_max = case
    forest = build_forest(X, eps_max)
    if not len(X):
        assert forest.n == 0
        assert not forest.i.size
        return
    squares = brute_squares(X)
    # an offset keeps pairs at distance 0 in scipy's sparse graph; every spanning forest has as many edges
    graph = np.triu(np.where(squares <= eps_max * eps_max, np.sqrt(squares) + 1.0, 0.0), 1)
    expected = minimum_spanning_tree(csr_matrix(graph))
    assert forest.i.size == expected.nnz
    np.testing.assert_allclose((forest.distance + 1.0).sum(), expected.sum(), rtol=1e-9)
    occurring = forest.distance[(forest.distance > 0) & (forest.distance < 0.999 * eps_max)]
    for eps in [eps_max, *(1.0 + 1e-7) * occurring[:: occurring.size // 4 + 1]]:
        _, groups = connected_components(csr_matrix(squares <= eps * eps))
        np.testing.assert_array_equal(forest.labels(eps), by_appearance(groups))


@given(vectors_and_eps(max_rows=80, kinds=("lattice",)))
def test_edges_are_the_first_by_distance_then_keys(case: tuple[Float32Array, float]) -> None:
    X, eps_max = case
    keys = np.random.default_rng(len(X)).permutation(len(X)) * 7 - 50
    forest = build_forest(X, eps_max, keys=keys)
    expected = kruskal(brute_squares(X), eps_max * eps_max, keys)
    assert list(zip(forest.i.tolist(), forest.j.tolist(), strict=True)) == expected


@given(vectors_and_eps(), st.integers(1, 4), st.booleans(), st.randoms(use_true_random=False))
def test_extending_step_by_step_equals_a_full_run(
    case: tuple[Float32Array, float], steps: int, keyed: bool, random: Random
) -> None:
    X, eps_max = case
    arrival = np.array([random.randrange(steps) for _ in X])
    keys = np.random.default_rng(1).permutation(len(X)) if keyed else np.arange(len(X))
    here = arrival == 0
    forest = build_forest(X[here], eps_max, keys=keys[here])
    for step in range(1, steps):
        here = arrival <= step
        forest = extend_forest(forest, X[here], arrival[here] == step, keys=keys[here])
    same_forest(forest, build_forest(X, eps_max, keys=keys))


@pytest.mark.parametrize("eps_max", [0.3, 2.0])
def test_old_points_that_later_identical_ones_stand_for_leave_gaps_that_cost_no_pair(eps_max: float) -> None:
    rng = np.random.default_rng(5)
    old = rng.standard_normal((700, 12)).astype(np.float32)
    old /= np.linalg.norm(old, axis=1, keepdims=True)
    copies = old[rng.permutation(700)[:350]]
    last = (old[:200] + np.float32(0.05) * rng.standard_normal((200, 12))).astype(np.float32)
    X = np.concatenate([copies, old, last])
    arrival = np.repeat([1, 0, 2], [350, 700, 200])
    forest = build_forest(X[arrival == 0], eps_max)
    for step in (1, 2):
        here = arrival <= step
        forest = extend_forest(forest, X[here], arrival[here] == step)
    same_forest(forest, build_forest(X, eps_max))


def test_an_extension_arranges_only_what_is_new_until_that_is_much() -> None:
    X = mixture(24_000, 8, seed=3)
    forest = build_forest(X[:2_000], 0.1)
    arranged_at_once = []
    for size in (2_001, 4_000, 12_000, 23_000, 24_000):
        forest = extend_forest(forest, X[:size], np.arange(size) >= forest.n)
        assert forest.arrangement is not None
        arranged_at_once.append(forest.arrangement.first_nodes)
    assert arranged_at_once[:3] == [2, 2, 2]
    assert arranged_at_once[3] == arranged_at_once[4] > 10
    same_forest(forest, build_forest(X, 0.1))


@pytest.mark.parametrize("min_samples", [1, 3])
@pytest.mark.parametrize("eps_max", [0.3, 0.9, 1.6])
def test_torch_gives_the_same_forest(eps_max: float, min_samples: int) -> None:
    X = mixture(2_500, 96, seed=4)
    same_forest(
        build_forest(X, eps_max, min_samples, device="torch:cpu"),
        build_forest(X, eps_max, min_samples),
    )


@given(vectors_and_eps(), st.integers(2, 10))
def test_one_forest_answers_every_smaller_eps_for_core_points(
    case: tuple[Float32Array, float], min_samples: int
) -> None:
    X, eps_max = case
    forest = build_forest(X, eps_max, min_samples)
    for eps in (eps_max, 0.71 * eps_max, 0.3 * eps_max):
        expected = sklearn_labels(X, eps, min_samples) if len(X) else np.empty(0, np.int64)
        np.testing.assert_array_equal(forest.labels(eps), expected)


@pytest.mark.parametrize("min_samples", [1, 5])
@pytest.mark.parametrize("spread", [0.2, 1.0])
def test_dense_sets(min_samples: int, spread: float) -> None:
    # every pair is within eps_max and no few dimensions tell them apart
    rng = np.random.default_rng(6)
    X = rng.standard_normal((2_600, 200)) * spread / np.sqrt(200)
    X[:, 0] += 1.0
    X = (X / np.linalg.norm(X, axis=1, keepdims=True)).astype(np.float32)
    forest = build_forest(X, 2.0, min_samples)
    assert forest.i.size == len(X) - 1
    for eps in np.quantile(forest.distance, [0.1, 0.5, 0.9]):
        np.testing.assert_array_equal(forest.labels(eps * 1.0001), sklearn_labels(X, eps * 1.0001, min_samples))


@pytest.mark.parametrize("min_samples", [1, 3])
def test_sweep_describes_the_labels(min_samples: int) -> None:
    X = mixture(1_500, 20, seed=8)
    forest = build_forest(X, 0.9, min_samples)
    values = np.linspace(0.9, 0.01, 9)
    for row in forest.sweep(values.tolist()):
        labels = dbscan(X, float(row["eps"]), min_samples)
        sizes = np.bincount(labels[labels >= 0])
        assert row["clusters"] == sizes.size
        assert row["removed"] == (sizes - 1).sum()
        assert row["noise"] == (labels < 0).sum()
        assert row["largest_cluster"] == sizes.max(initial=0)
        assert row["widest_link"] <= row["eps"]


def test_pairs_beside_eps_are_counted() -> None:
    X = np.array([[1.0], [2.0], [4.0]], np.float32)
    forest = build_forest(X, 3.0)
    assert [forest.near_eps(eps) for eps in (1.0, 1.0 + 5e-10, 1.1, 2.0)] == [1, 1, 0, 1]


def test_what_a_forest_refuses() -> None:
    X = mixture(50, 8, seed=0)
    forest = build_forest(X, 0.5)
    with pytest.raises(ValueError, match="beyond this forest's eps_max"):
        forest.labels(0.6)
    with pytest.raises(ValueError, match="beyond this forest's eps_max"):
        forest.sweep([0.1, 0.6])
    with pytest.raises(ValueError, match="only a forest with min_samples = 1 can be extended"):
        extend_forest(build_forest(X, 0.5, 2), X, np.zeros(50, bool))
    with pytest.raises(ValueError, match="X has 50 rows, 49 of them old, but the forest was built from 50"):
        extend_forest(forest, X, np.arange(50) == 7)
    with pytest.raises(ValueError, match="keys must be 50 different values"):
        build_forest(X, 0.5, keys=np.zeros(50, np.int64))


def test_another_eps_takes_milliseconds() -> None:
    n = 1_000_000
    rng = np.random.default_rng(0)
    i = np.arange(n - 1)
    forest = Forest.plain(n, 1.0, i, i + 1, np.sort(rng.random(n - 1)))
    forest.labels(0.5)
    start = time.perf_counter()
    labels = forest.labels(0.7)
    assert time.perf_counter() - start < 1.0
    assert labels.max() + 1 == n - np.count_nonzero(forest.squared <= 0.7 * 0.7)


def same_forest(left: Forest, right: Forest) -> None:
    """Assert that two forests agree in every element."""
    for name in ("i", "j", "squared", "core", "neighbors", "neighbor_squared"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), err_msg=name)


def kruskal(squares: Float64Array, limit: float, keys: np.ndarray) -> list[tuple[int, int]]:
    """Edges by definition: sorted by (distance, smaller key, larger key), kept when they join."""
    n = len(squares)
    by_key = np.argsort(keys)
    pairs = [(squares[a, b], keys[a], keys[b], a, b) for x, a in enumerate(by_key) for b in by_key[x + 1 :]]
    group = list(range(n))
    kept = []
    for square, _, _, a, b in sorted(pairs):
        if square <= limit and group[a] != group[b]:
            old, new = group[b], group[a]
            group = [new if g == old else g for g in group]
            kept.append((int(a), int(b)))
    return kept


def mixture(n: int, d: int, seed: int) -> Float32Array:
    """Unit vectors: clusters of several widths, lone points and copies."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n // 10, d))[rng.integers(0, n // 10, n)]
    X += 10.0 ** rng.uniform(-3, 0.3, (n, 1)) * rng.standard_normal((n, d))
    X[rng.random(n) < 0.1] = X[0]
    unit: Float32Array = (X / np.linalg.norm(X, axis=1, keepdims=True)).astype(np.float32)
    return unit
