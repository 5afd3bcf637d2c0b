"""Names of files and columns that mean something to a shell, a glob pattern, SQL or a terminal."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_assets.errors import SourceError
from python_assets.sources.load import load_dataset
from python_assets.sources.loads import load_and_record, obtain
from python_assets.sources.local import LocalSource
from python_assets.sources.record import Load
from python_assets.sources.registry import Dataset
from python_assets.sources.selection import Selection
from python_assets.warehouse import connect
from tests.python_assets.test_load import _dataset as _any_dataset

FORMATS = ["jsonl", "csv", "parquet"]
HOSTILE = 'x"; DROP TABLE raw._loads; --'
FILE_NAMES = ["*", "?", "[ab]", "a'b", HOSTILE, "a\nb", "-rf", "$(id)", "a\\b", "{a,b}", "\u202etxt", " "]
COLUMN_NAMES = [HOSTILE, "'; --", "a b", "a\nb", "\\", "\u202eeman", "select", "*", "_metadata", "n" * 5_000]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "org" / "some-set"
    path.mkdir(parents=True)
    return path


def _dataset(file_format: str) -> Dataset:
    return _any_dataset(file_format, {"p": "VARCHAR"}, f"*.{file_format}")


def _write(path: Path, row: dict[str, str]) -> None:
    if path.suffix == ".parquet":
        with path.open("wb") as file:
            pq.write_table(pa.table({name: [value] for name, value in row.items()}), file)
    elif path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([list(row), list(row.values())])
    else:
        path.write_text(json.dumps(row) + "\n", encoding="utf-8")


def _load(connection: duckdb.DuckDBPyConnection, dataset: Dataset, base: Path) -> Load:
    source = LocalSource(base.parents[1])
    return load_and_record(connection, dataset, obtain(dataset, source, Selection()))


@pytest.mark.parametrize("file_format", FORMATS)
def test_each_file_is_read_once_whatever_its_name(
    connection: duckdb.DuckDBPyConnection, base: Path, file_format: str
) -> None:
    names = sorted(f"{name}.{file_format}" for name in FILE_NAMES)
    for name in names:
        _write(base / name, {"p": f"in {name}"})
    assert _load(connection, _dataset(file_format), base).error is None
    rows = connection.sql("SELECT _row, _file, p FROM raw.some_set ORDER BY _row").fetchall()
    assert rows == [(row, name, f"in {name}") for row, name in enumerate(names)]


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_whose_name_is_no_text_is_refused_by_name(
    connection: duckdb.DuckDBPyConnection, base: Path, file_format: str
) -> None:
    path = base / os.fsdecode(b"caf\xe9." + file_format.encode())
    _write(path, {"p": "x"})
    load = _load(connection, _dataset(file_format), base)
    assert load.status == "refused"
    assert f"caf\\xe9.{file_format}: its name is not valid UTF-8" in str(load.error)


def test_a_link_to_itself_is_refused(connection: duckdb.DuckDBPyConnection, base: Path) -> None:
    (base / "a.jsonl").symlink_to(base / "a.jsonl")
    load = _load(connection, _dataset("jsonl"), base)
    assert load.status == "refused"
    assert "a.jsonl" in str(load.error)


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_columns_keep_their_names_whatever_they_say(
    connection: duckdb.DuckDBPyConnection, base: Path, file_format: str
) -> None:
    row = {"p": "x", **{name: f"value {place}" for place, name in enumerate(COLUMN_NAMES)}}
    _write(base / f"a.{file_format}", row)
    assert _load(connection, _dataset(file_format), base).error is None
    (found,) = connection.sql("SELECT * FROM raw.some_set").to_arrow_table().to_pylist()
    assert {name: value for name, value in found.items() if name in row} == row
    assert connection.sql("SELECT status FROM raw._loads").fetchall() == [("loaded",)]


@pytest.mark.parametrize("name", ["_row", "_FILE", "_record", "_error", "_absent", "file_row_number", "a\0b"])
@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_columns_that_no_table_can_hold_beside_its_own_are_refused(
    connection: duckdb.DuckDBPyConnection, base: Path, file_format: str, name: str
) -> None:
    _write(base / f"a.{file_format}", {"p": "x", name: "y"})
    with pytest.raises(SourceError, match=rf"org/some-set: .*a\.{file_format}: ") as refused:
        load_dataset(connection, _dataset(file_format), [base / f"a.{file_format}"], base)
    assert repr(name)[1:-1].lower() in refused.value.cause


@pytest.mark.parametrize("field", ["", "a\0b"])
def test_fields_that_sql_cannot_name_are_refused(connection: duckdb.DuckDBPyConnection, base: Path, field: str) -> None:
    table = pa.table({"p": ["x"], "extra": pa.array([{field: "y"}], pa.struct([(field, pa.string())]))})
    pq.write_table(table, base / "a.parquet")
    load = _load(connection, _dataset("parquet"), base)
    assert load.status == "refused"
    assert "column 'extra'" in str(load.error)


def test_a_parquet_column_whose_name_is_no_text_is_refused(connection: duckdb.DuckDBPyConnection, base: Path) -> None:
    path = base / "a.parquet"
    pq.write_table(pa.table({"p": ["x"], "extra": ["y"]}), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"extra", b"e\xf4tra"))
    load = _load(connection, _dataset("parquet"), base)
    assert load.status == "refused"
    assert "a.parquet: not readable as Parquet" in str(load.error)


def test_a_file_that_was_just_written_anew_is_read_anew(base: Path, tmp_path: Path) -> None:
    path = base / "a.parquet"
    with connect(tmp_path / "warehouse.duckdb") as connection:
        for text in ("a", "b", "c"):
            _write(path, {"p": text * 3})
            load_dataset(connection, _dataset("parquet"), [path], base)
            assert connection.sql("SELECT p FROM raw.some_set").fetchall() == [(text * 3,)]
