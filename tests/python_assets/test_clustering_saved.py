"""The forest in the warehouse answers as the one in memory does, and grows as if built anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from python_assets.clustering.arrangement_files import ArrangementFiles
from python_assets.clustering.comparable import label_all
from python_assets.clustering.saved import ForestSettings, SavedForest, update_forest
from python_assets.clustering.tables import forest_tables, read_forest, read_saved
from python_assets.errors import SettingsError
from python_assets.warehouse import replace_table

SETTINGS = ForestSettings("toy", 0.6, 1)


def _vectors(n: int, seed: int) -> np.ndarray:
    """Vectors in loose groups, some of them equal."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((max(1, n // 6), 8))
    X = centres[rng.integers(len(centres), size=n)] + 0.15 * rng.standard_normal((n, 8))
    X[rng.integers(n, size=n // 5)] = X[0]
    return (X / np.linalg.norm(X, axis=1, keepdims=True)).astype(np.float32)


def _keys(n: int, seed: int) -> list[str]:
    return [f"{number:08x}" for number in np.random.default_rng(seed).permutation(10 * n)[:n]]


def _save(connection: duckdb.DuckDBPyConnection, saved: SavedForest) -> None:
    for name, table in zip(("sft_forest", "sft_forest_points"), forest_tables(saved), strict=True):
        replace_table(connection, "ml", name, table)


def _order(keys: list[str]) -> pa.Table:
    return pa.table({"text_key": keys, "position": np.arange(len(keys))})


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.mark.parametrize("min_samples", [1, 2, 4])
@pytest.mark.parametrize("eps", [0.05, 0.2, 0.6])
def test_saved_labels_are_scikit_learns_in_any_order_of_the_texts(
    connection: duckdb.DuckDBPyConnection, min_samples: int, eps: float
) -> None:
    X, keys = _vectors(60, 1), _keys(60, 2)
    by_key = np.argsort(keys)
    wanted = replace(SETTINGS, min_samples=min_samples)
    _save(connection, update_forest(None, sorted(keys), X[by_key], wanted))
    forest = read_forest(connection, "sft", _order(keys), replace(wanted, eps_max=eps))
    expected = DBSCAN(eps=eps, min_samples=min_samples).fit_predict(X.astype(np.float64))
    everything = np.ones(60, dtype=bool)
    np.testing.assert_array_equal(forest.labels(eps), label_all(expected, everything, min_samples))


@given(st.integers(2, 40), st.integers(0, 1000), st.data())
def test_growing_a_forest_gives_what_building_it_anew_gives(n: int, seed: int, data: st.DataObject) -> None:
    X, keys = _vectors(n, seed), np.array(_keys(n, seed))
    n_old = data.draw(st.integers(1, n - 1))
    old = np.argsort(keys[:n_old])
    everything = np.argsort(keys)
    first = update_forest(None, keys[:n_old][old].tolist(), X[:n_old][old], SETTINGS)
    grown = update_forest(first, keys[everything].tolist(), X[everything], SETTINGS)
    anew = update_forest(None, keys[everything].tolist(), X[everything], SETTINGS)
    for ours, theirs in zip(forest_tables(grown), forest_tables(anew), strict=True):
        assert ours == theirs


@given(st.integers(2, 40), st.integers(0, 1000), st.integers(1, 4))
def test_growing_a_forest_run_by_run_goes_on_with_the_arrangement_on_disk(n: int, seed: int, runs: int) -> None:
    X, keys = _vectors(n, seed), np.array(_keys(n, seed))
    arrival = np.random.default_rng(seed).integers(runs, size=n)
    with TemporaryDirectory() as scratch:
        files = ArrangementFiles(Path(scratch) / "sft")
        saved = None
        for run in range(runs):
            here = np.flatnonzero(arrival <= run)
            here = here[np.argsort(keys[here])]
            if saved is not None:
                saved = replace(saved, forest=replace(saved.forest, arrangement=None))
            saved = update_forest(saved, keys[here].tolist(), X[here], SETTINGS, files=files)
        kept = files.read("toy", saved.keys) if saved is not None and saved.keys else None
    by_key = np.argsort(keys)
    anew = update_forest(None, keys[by_key].tolist(), X[by_key], SETTINGS)
    assert saved is not None
    assert forest_tables(saved) == forest_tables(anew)
    assert kept is None or set(kept.order[kept.order >= 0]) <= set(range(n))


def _kept_and_grown(files: ArrangementFiles) -> tuple[SavedForest, list[str], np.ndarray]:
    X, keys = _vectors(60, 8), _keys(60, 8)
    old, everything = np.argsort(keys[:50]), np.argsort(keys)
    first = update_forest(None, [keys[k] for k in old], X[:50][old], SETTINGS, files=files)
    first = replace(first, forest=replace(first.forest, arrangement=None))
    return first, [keys[k] for k in everything], X[everything]


def test_a_grown_arrangement_is_kept_beside_the_part_that_was_there(tmp_path: Path) -> None:
    files = ArrangementFiles(tmp_path)
    first, keys, X = _kept_and_grown(files)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("part-*")}
    update_forest(first, keys, X, SETTINGS, files=files)
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("part-*")}
    assert len(before) == 1
    assert len(after) == 2
    assert before.items() <= after.items()


@pytest.mark.parametrize("harm", ["cut off", "gone", "another text's"])
def test_an_arrangement_that_cannot_be_used_is_made_anew(tmp_path: Path, harm: str) -> None:
    files = ArrangementFiles(tmp_path)
    first, keys, X = _kept_and_grown(files)
    (part,) = tmp_path.glob("part-*")
    if harm == "cut off":
        part.write_bytes(part.read_bytes()[:-200])
    elif harm == "gone":
        part.unlink()
    else:
        files.write("toy", keys, update_forest(None, keys, X, SETTINGS).forest.arrangement)
    grown = update_forest(first, keys, X, SETTINGS, files=files)
    assert forest_tables(grown) == forest_tables(update_forest(None, keys, X, SETTINGS))
    again = files.read("toy", keys)
    assert again is not None
    assert sorted(again.order[again.order >= 0]) == sorted(grown.forest.arrangement.order[again.order >= 0])


def test_the_same_texts_need_no_comparison() -> None:
    X, keys = _vectors(20, 3), sorted(_keys(20, 3))
    saved = update_forest(None, keys, X, SETTINGS)
    assert update_forest(saved, keys, X, SETTINGS) is saved


def test_a_forest_is_read_back_as_it_was_saved(connection: duckdb.DuckDBPyConnection) -> None:
    saved = update_forest(None, sorted(_keys(30, 5)), _vectors(30, 5), replace(SETTINGS, min_samples=3))
    assert read_saved(connection, "sft") is None
    _save(connection, saved)
    again = read_saved(connection, "sft")
    assert again is not None
    assert (again.keys, again.settings) == (saved.keys, saved.settings)
    for ours, theirs in zip(forest_tables(again), forest_tables(saved), strict=True):
        assert ours == theirs


@pytest.mark.parametrize(
    ("wanted", "more", "message"),
    [
        (replace(SETTINGS, eps_max=0.7), [], "was built with eps_max 0.6 and min_samples 1"),
        (replace(SETTINGS, min_samples=2), [], "was built with eps_max 0.6 and min_samples 1"),
        (replace(SETTINGS, model="other"), [], "another model's vectors"),
        (SETTINGS, ["unknown"], "covers other texts"),
    ],
)
def test_a_forest_of_other_texts_or_settings_is_refused(
    connection: duckdb.DuckDBPyConnection, wanted: ForestSettings, more: list[str], message: str
) -> None:
    keys = sorted(_keys(10, 6))
    _save(connection, update_forest(None, keys, _vectors(10, 6), SETTINGS))
    with pytest.raises(SettingsError, match=message):
        read_forest(connection, "sft", _order(keys + more), wanted)


def test_what_cannot_be_compared_stays_alone() -> None:
    comparable = np.array([True, False, True, False, True])
    labels = np.array([0, 1, 0])
    assert label_all(labels, comparable, 1).tolist() == [0, 1, 2, 3, 0]
    assert label_all(np.array([0, -1, 0]), comparable, 2).tolist() == [0, -1, -1, -1, 0]
