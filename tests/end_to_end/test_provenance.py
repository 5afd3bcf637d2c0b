"""Who stands behind a kept row, and what datasets have in common, in the bundled sample."""

from __future__ import annotations

import base64
from typing import Any

import duckdb

from dagster_defs.pictures import PICTURES
from python_assets.sources.registry import load_registry
from tests.conftest import Run


def _merged_pairs(expected: dict[str, Any]) -> list[dict[str, Any]]:
    apart = ("chinese", "long_head")
    return [p for p in expected["near_duplicates"] if p["distance"] <= 0.2 and p["kind"] not in apart]


def test_both_rows_of_a_near_duplicate_stand_behind_the_same_kept_row(
    sample_run: Run, expected: dict[str, Any]
) -> None:
    rows = sample_run.query("SELECT type, dataset, _row, all_prompt_id FROM marts.contributors")
    kept = {(type_name, dataset, row): prompt_id for type_name, dataset, row, prompt_id in rows}
    for pair in _merged_pairs(expected):
        a, b = (kept[pair["type"], dataset, row] for dataset, row in (pair["a"], pair["b"]))
        assert a == b, pair


def test_every_contributor_has_the_licence_and_the_revision_of_its_dataset(sample_run: Run) -> None:
    registry = {d.dataset: (d.licence, d.revision, d.non_commercial, d.no_redistribution) for d in load_registry()}
    found = sample_run.query(
        "SELECT DISTINCT dataset, licence, revision, non_commercial, no_redistribution FROM marts.contributors"
    )
    assert found
    for dataset, *terms in found:
        assert tuple(terms) == registry[dataset], dataset
    assert any(row[3] for row in found)
    assert any(row[4] for row in found)


def test_a_near_duplicate_of_two_datasets_shows_in_their_overlap(sample_run: Run, expected: dict[str, Any]) -> None:
    rows = sample_run.query("SELECT type, dataset, other_dataset, semantic_shared FROM marts.source_overlap")
    shared = {tuple(row[:3]): row[3] for row in rows}
    across = [pair for pair in _merged_pairs(expected) if pair["a"][0] != pair["b"][0]]
    assert across
    for pair in across:
        a, b = pair["a"][0], pair["b"][0]
        assert shared[pair["type"], a, b] == shared[pair["type"], b, a] >= 1


def test_the_overlap_of_each_type_is_drawn(sample_run: Run) -> None:
    with duckdb.connect(str(sample_run.root / "warehouse.duckdb"), read_only=True) as connection:
        pictures = PICTURES["source_overlap"](connection)
    assert pictures.keys() == {"overlap_prompt", "overlap_sft", "overlap_cot", "overlap_preference"}
    for picture in pictures.values():
        encoded = picture.md_str.removeprefix("![picture](data:image/png;base64,").removesuffix(")")  # type: ignore[union-attr]
        assert base64.b64decode(encoded).startswith(b"\x89PNG\r\n")
        assert len(encoded) < 200_000
