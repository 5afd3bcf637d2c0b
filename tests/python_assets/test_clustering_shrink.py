"""A forest that loses points is the one that is built without them, and little is compared for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_assets.clustering import Forest, build, build_forest, extend_forest
from python_assets.clustering.arrangement_files import ArrangementFiles
from python_assets.clustering.saved import ForestSettings, SavedForest, update_forest
from python_assets.clustering.shrink import restricted, settled_points
from tests.python_assets.clustering_cases import Float32Array, vectors_and_eps
from tests.python_assets.test_clustering_forest import mixture, same_forest


@pytest.mark.slow
@given(vectors_and_eps(), st.integers(1, 4), st.booleans(), st.randoms(use_true_random=False))
def test_points_that_come_and_go_leave_the_forest_of_those_that_are_there(
    case: tuple[Float32Array, float], steps: int, keyed: bool, random: Random
) -> None:
    X, eps_max = case
    keys = np.random.default_rng(1).permutation(len(X)) if keyed else np.arange(len(X))
    here = np.array([random.random() < 0.7 for _ in X], dtype=bool)
    forest = build_forest(X[here], eps_max, keys=keys[here])
    for _ in range(steps):
        after = np.array([random.random() < 0.7 for _ in X], dtype=bool)
        settled = here.copy()
        settled[here] = settled_points(forest, after[here])
        forest = extend_forest(restricted(forest, settled[here]), X[after], ~settled[after], keys=keys[after])
        same_forest(forest, build_forest(X[after], eps_max, keys=keys[after]))
        here = after


@given(vectors_and_eps(max_rows=50), st.randoms(use_true_random=False))
def test_runs_that_lose_and_gain_texts_go_on_with_the_arrangement_on_disk(
    case: tuple[Float32Array, float], random: Random
) -> None:
    X, eps_max = case
    settings = ForestSettings("toy", eps_max, 1)
    saved = None
    with TemporaryDirectory() as scratch:
        files = ArrangementFiles(Path(scratch) / "sft")
        for _ in range(3):
            here = np.array([random.random() < 0.7 for _ in X], dtype=bool)
            saved = _without_arrangement(update_forest(saved, _keys(here), X[here], settings, files=files))
            same_forest(saved.forest, build_forest(X[here], eps_max))


def _keys(here: np.ndarray) -> list[str]:
    return [f"{row:04d}" for row in np.flatnonzero(here)]


def _without_arrangement(saved: SavedForest) -> SavedForest:
    """Return a saved forest as the warehouse gives it back."""
    forest = saved.forest
    return SavedForest(
        saved.keys, Forest.plain(forest.n, forest.eps_max, forest.i, forest.j, forest.squared), saved.settings
    )


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many points each extension, and each building from scratch, had to compare."""
    found: list[int] = []

    def spied(name: str, count: Callable[..., int]) -> None:
        original = getattr(build, name)

        def called(*arguments: Any, **named: Any) -> Forest:
            found.append(count(*arguments))
            return original(*arguments, **named)

        monkeypatch.setattr(f"python_assets.clustering.saved.{name}", called)

    spied("build_forest", lambda X, *rest: len(X))
    spied("extend_forest", lambda forest, X, is_new: int(is_new.sum()))
    return found


def _chain() -> Float32Array:
    """Return a line of 9 points at distance 1, then three lone points, then three at one place."""
    x = np.array([*range(1, 10), 100, 200, 300, 400, 400, 400], dtype=np.float32)
    return np.column_stack([x, np.ones_like(x)])


@pytest.mark.parametrize(
    ("gone", "again"),
    [
        ([9], 0),
        ([0], 0),
        ([0, 8, 9, 10], 0),
        ([6], 2),
        ([2, 6], 4),
        ([14], 0),
        ([12], 1),
    ],
    ids=["alone", "end", "ends", "middle", "two middles", "copy", "first copy"],
)
def test_only_what_was_joined_through_a_point_that_went_is_compared_again(
    compared: list[int], gone: list[int], again: int
) -> None:
    X, settings = _chain(), ForestSettings("toy", 1.5, 1)
    everything = np.ones(len(X), dtype=bool)
    first = update_forest(None, _keys(everything), X, settings)
    stays = everything.copy()
    stays[gone] = False
    after = update_forest(first, _keys(stays), X[stays], settings)
    assert compared == [len(X), again]
    same_forest(after.forest, build_forest(X[stays], 1.5))


def test_texts_that_come_while_others_go_are_all_that_is_compared_anew(compared: list[int]) -> None:
    X, settings = _chain(), ForestSettings("toy", 1.5, 1)
    first = np.arange(len(X)) < 10
    second = np.arange(len(X)) > 0
    saved = update_forest(None, _keys(first), X[first], settings)
    saved = update_forest(saved, _keys(second), X[second], settings)
    assert compared == [10, 5]
    same_forest(saved.forest, build_forest(X[second], 1.5))


def test_a_forest_that_lost_most_of_its_points_is_arranged_anew() -> None:
    X = mixture(24_000, 8, seed=3)
    forest = build_forest(X, 0.1)
    stays = np.arange(len(X)) % 12 == 0
    stays[-1] = False
    settled = settled_points(forest, stays)
    stays[-1] = True
    forest = extend_forest(restricted(forest, settled), X[stays], ~settled[stays])
    assert forest.arrangement is not None
    assert forest.arrangement.n_nodes <= 5
    same_forest(forest, build_forest(X[stays], 0.1))


def test_points_are_not_taken_for_their_opposites_on_disk(tmp_path: Path) -> None:
    X = np.array([[-1.0], [1.0], [-1.0], [-1.0], [1.0], [1.0]], np.float32)
    settings, files, saved = ForestSettings("toy", 0.05, 1), ArrangementFiles(tmp_path), None
    for rows in ([1, 2], [0, 2, 5], [1, 2, 3]):
        here = np.isin(np.arange(len(X)), rows)
        saved = _without_arrangement(update_forest(saved, _keys(here), X[here], settings, files=files))
        same_forest(saved.forest, build_forest(X[here], 0.05))
