"""Whatever the loader lets through, each staging model gives one row for each raw row, with its whole metadata."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_assets.sources.loads import load_and_record, obtain
from python_assets.sources.local import LocalSource
from python_assets.sources.record import LOADED
from python_assets.sources.registry import Dataset
from python_assets.sources.selection import Selection
from tests.conftest import SAMPLE_DIR
from tests.fuzz.models import REGISTRY, Rows, staged, warehouse_of
from tests.fuzz.spans import packed, records, unpacked
from tests.fuzz.values import csv_rows, json_rows, parquet_rows

_numbers = itertools.count()

# One dataset of those that are alike.
SHAPES = {(d.format, tuple(d.columns.items()), tuple(d.feeds)): d.table for d in REGISTRY.values()}


@pytest.fixture(scope="module")
def connection(views: dict[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse_of(views) as connection:
        yield connection


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")


@given(st.data())
def test_any_dataset(connection: duckdb.DuckDBPyConnection, tmp_path_factory: Any, data: st.DataObject) -> None:
    dataset = REGISTRY[data.draw(st.sampled_from(sorted(REGISTRY)), label="dataset")]
    check(connection, dataset, tmp_path_factory.getbasetemp() / "values", data)


@pytest.mark.slow
@pytest.mark.parametrize("table", sorted(SHAPES.values()))
@settings(max_examples=30)
@given(data=st.data())
def test_every_shape(
    connection: duckdb.DuckDBPyConnection, tmp_path_factory: Any, table: str, data: st.DataObject
) -> None:
    check(connection, REGISTRY[table], tmp_path_factory.getbasetemp() / "values", data)


def check(connection: duckdb.DuckDBPyConnection, dataset: Dataset, directory: Path, data: st.DataObject) -> None:
    """Write a file of drawn rows, load it, and read every staging model of the dataset."""
    original = LocalSource(SAMPLE_DIR).find(dataset)
    assert original is not None
    root = directory / str(next(_numbers))
    path = root / original.files[0].path.relative_to(SAMPLE_DIR)
    path.parent.mkdir(parents=True)
    written = {"csv": _write_csv, "parquet": _write_parquet}.get(dataset.format, _write_json)(dataset, path, data)
    load = load_and_record(connection, dataset, obtain(dataset, LocalSource(root), Selection(eval_splits=True)))
    assert load.status == LOADED, load.error
    assert load.n_rows == len(written)
    for rows in staged(connection, dataset).values():
        assert [row["_row"] for row in rows] == list(range(len(written)))
        _check_metadata(dataset, rows, written)
        assert all(bool(row["thinking"]) == row["has_thinking"] for row in rows if "thinking" in row)


def _check_metadata(dataset: Dataset, rows: Rows, written: list[Any]) -> None:
    for row, original in zip(rows, written, strict=True):
        if dataset.format == "parquet":
            assert json.loads(row["metadata"]) == original
        elif dataset.format == "csv":
            assert row["_error"] is not None or json.loads(row["metadata"]) == original
        else:
            assert row["metadata"] == original


def _write_json(dataset: Dataset, path: Path, data: st.DataObject) -> list[str]:
    """Write the drawn records behind one of the sample, so that each column fits at least once."""
    sample = next(
        text
        for file in (LocalSource(SAMPLE_DIR).find(dataset) or pytest.fail("no sample")).files
        for content in [unpacked(file.path)]
        for start, end in records(content, dataset.format)
        if _is_complete(dataset, text := content[start:end].decode("utf-8"))
    )
    rows = data.draw(json_rows(dataset), label="rows")
    is_ascii = _has_surrogates(rows) or data.draw(st.booleans(), label="is_ascii")
    texts = [sample, *(json.dumps(row, ensure_ascii=is_ascii) for row in rows)]
    content = "[" + ",".join(texts) + "]" if dataset.format == "json" else "\n".join(texts)
    path.write_bytes(packed(content.encode("utf-8"), path))
    return texts


def _is_complete(dataset: Dataset, text: str) -> bool:
    try:
        return all(json.loads(text).get(name) is not None for name in dataset.columns)
    except (ValueError, AttributeError):
        return False


def _has_surrogates(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _write_csv(dataset: Dataset, path: Path, data: st.DataObject) -> list[dict[str, str]]:
    rows = data.draw(csv_rows(dataset), label="rows")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dataset.columns), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    return rows


def _write_parquet(dataset: Dataset, path: Path, data: st.DataObject) -> list[dict[str, Any]]:
    table: pa.Table = data.draw(parquet_rows(dataset), label="rows")
    pq.write_table(table, path)
    return table.to_pylist()
