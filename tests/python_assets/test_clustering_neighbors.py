"""No pair is lost, none is invented, and rounding decides nothing."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_assets.clustering import radius_pairs
from python_assets.clustering.arrangement import Arrangement
from python_assets.clustering.arrangement_files import ArrangementFiles
from python_assets.clustering.cross import cross_pairs
from python_assets.clustering.projection import STAGES, fit_basis, project
from python_assets.clustering.saved import ForestSettings, update_forest
from tests.python_assets.clustering_cases import Float32Array, brute_squares, vectors_and_eps

DEVICES = ["cpu", "torch:cpu"]


@pytest.mark.parametrize("device", DEVICES)
@given(case=vectors_and_eps())
def test_pairs_are_those_of_the_definition(device: str, case: tuple[Float32Array, float]) -> None:
    X, radius = case
    squares = brute_squares(X)
    i, j = np.nonzero(np.triu(squares <= radius * radius, 1))
    found_i, found_j, found = collected(X, radius, device=device, collapse=False)
    np.testing.assert_array_equal(found_i, i)
    np.testing.assert_array_equal(found_j, j)
    np.testing.assert_allclose(found, squares[i, j], rtol=1e-12)


@pytest.mark.parametrize("device", DEVICES)
def test_identical_rows_are_linked_once(device: str) -> None:
    X = np.repeat(np.eye(3, dtype=np.float32) + np.float32(-0.0), 5_000, axis=0)
    X[7, 1] = -0.0
    i, _, squared = collected(X, 1.5, device=device)
    assert i.size == 3 * 4_999 + 3
    assert np.count_nonzero(squared) == 3


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("d", [2, 16, 100, 1024])
@pytest.mark.parametrize("radius", [0.01, 0.2, 1.0])
def test_pairs_a_rounding_error_beside_the_radius(device: str, d: int, radius: float) -> None:
    # partners at radius * (1 +- 1e-7) and closer, in random directions
    rng = np.random.default_rng(d)
    X = rng.standard_normal((600, d))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    step = rng.standard_normal((600, d))
    step /= np.linalg.norm(step, axis=1, keepdims=True)
    offsets = radius * (1.0 + rng.choice([-1e-7, 1e-7, -1e-8, 1e-8, 0.0], (600, 1)))
    Y = np.vstack([X, X + step * offsets]).astype(np.float32)
    squares = brute_squares(Y)
    i, j = np.nonzero(np.triu(squares <= radius * radius, 1))
    found_i, found_j, _ = collected(Y, radius, device=device, collapse=False)
    np.testing.assert_array_equal(found_i, i)
    np.testing.assert_array_equal(found_j, j)


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1.0, 1e6, 1e12])
def test_norms_are_not_assumed(scale: float) -> None:
    rng = np.random.default_rng(3)
    X = (rng.standard_normal((900, 40)) * scale * rng.uniform(0.1, 3.0, (900, 1))).astype(np.float32)
    radius = 5.0 * scale
    expected = np.triu(brute_squares(X) <= radius * radius, 1)
    i, j, _ = collected(X, radius)
    np.testing.assert_array_equal(np.column_stack([i, j]), np.argwhere(expected))


@pytest.mark.parametrize("d", [1, 5, 16, 64, 300])
@pytest.mark.parametrize("radius", [1e-6, 10.0])
def test_images_stay_within_the_stated_error(d: int, radius: float) -> None:
    # reference in extended precision, with the basis made orthonormal to its last digit
    rng = np.random.default_rng(d)
    X = (rng.standard_normal((700, d)) + 2.0).astype(np.float32)
    rows = np.arange(len(X))
    basis = fit_basis(X, rows)
    images = project(X, rows, basis, radius)
    wide = X.astype(np.longdouble) - basis.centre
    coordinates = wide @ basis.columns.astype(np.longdouble)
    for stage, width in enumerate(STAGES):
        rest = np.sqrt(np.maximum((wide**2).sum(axis=1) - (coordinates[:, :width] ** 2).sum(axis=1), 0))
        gap = ((images.coordinates[:, :width] - coordinates[:, :width]) ** 2).sum(axis=1)
        gap += (images.residuals[:, stage] - rest) ** 2
        assert np.sqrt(gap.max()) <= images.error
    assert np.sqrt((images.coordinates.astype(np.float64) ** 2).sum(axis=1)).max() <= images.radius


def collected(X: Float32Array, radius: float, **options: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All batches as one, sorted by (i, j)."""
    batches = list(radius_pairs(X, radius, **options))  # type: ignore[arg-type]
    i, j, squared = (
        np.concatenate([np.empty(0, np.int64 if name != "squared" else float), *(getattr(b, name) for b in batches)])
        for name in ("i", "j", "squared")
    )
    order = np.lexsort((j, i))
    return i[order], j[order], squared[order]


@pytest.mark.parametrize("device", DEVICES)
@given(case=vectors_and_eps(), share=st.floats(0.05, 0.95), with_forest=st.booleans())
def test_pairs_between_two_sets_are_those_of_the_definition(
    device: str, case: tuple[Float32Array, float], share: float, with_forest: bool
) -> None:
    X, radius = case
    n_first = int(share * len(X))
    arrangement = _arrangement_with_a_past(X, n_first, radius) if with_forest and n_first else None
    found = [
        pair
        for pairs in cross_pairs(X, n_first, radius, arrangement=arrangement, device=device)
        for pair in zip(pairs.i.tolist(), pairs.j.tolist(), strict=True)
    ]
    i, j = np.nonzero(brute_squares(X)[:n_first, n_first:] <= radius * radius)
    assert sorted(found) == list(zip(i.tolist(), (j + n_first).tolist(), strict=True))


def _arrangement_with_a_past(X: Float32Array, n_first: int, radius: float) -> Arrangement | None:
    """Of the first rows, as it is kept when every third row came later and as many other ones have gone."""
    settings, rows = ForestSettings("m", radius, 1), np.arange(len(X))
    saved = None
    with TemporaryDirectory() as directory:
        files = ArrangementFiles(Path(directory))
        for at_hand in (rows[rows % 3 > 0], rows[:n_first]):
            keys = [f"{row:04d}" for row in at_hand.tolist()]
            saved = update_forest(saved, keys, X[at_hand], settings, files=files)
        return files.read("m", keys)
