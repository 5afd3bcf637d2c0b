"""Splits that are loaded only when asked for follow the same rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from python_assets.sources.loads import load_and_record, obtain
from python_assets.sources.local import LocalSource
from python_assets.sources.registry import load_registry
from python_assets.sources.selection import Selection
from tests.conftest import SAMPLE_DIR


def test_evaluation_splits_are_read_when_asked_for(
    dbt: Callable[..., Any], tmp_path: Path, expected: dict[str, Any]
) -> None:
    wanted = {
        (d["type"], d["dataset"]): (d["rows"], d.get("ties"), d["quarantined"]) for d in expected["evaluation_splits"]
    }
    types = sorted({type_name for type_name, _ in wanted})
    source, selection = LocalSource(SAMPLE_DIR), Selection(eval_splits=True)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        for dataset in load_registry():
            if not dataset.is_training:
                load_and_record(connection, dataset, obtain(dataset, source, selection))
    staging = [f"path:models/staging/{type_name}" for type_name in types]
    run = dbt("run", "--select", *staging, *(f"int_{type_name}_extracted" for type_name in types))
    assert run.returncode == 0, run.stdout
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as connection:
        for (type_name, dataset), (rows, ties, quarantined) in wanted.items():
            found = connection.execute(
                f"SELECT _row, is_tie, reject_reason FROM intermediate.int_{type_name}_extracted WHERE dataset = ?",
                [dataset],
            ).fetchall()
            assert len(found) == rows, dataset
            assert {row: reason for row, _, reason in found if reason} == quarantined, dataset
            if type_name == "preference":
                assert sum(is_tie and reason is None for _, is_tie, reason in found) == ties, dataset
