from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from python_assets.errors import SettingsError, SourceError
from python_assets.sources.load import load_dataset
from python_assets.sources.loads import load_and_record, obtain
from python_assets.sources.local import LocalSource, require_any
from python_assets.sources.registry import Dataset
from python_assets.sources.selection import Selection


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _dataset(
    file_format: str, columns: dict[str, str], files: str = "*", optional: frozenset[str] = frozenset()
) -> Dataset:
    return Dataset(
        table="some_set",
        dataset="org/some-set",
        repo="org/some-set",
        revision="main",
        config="default",
        split="train",
        format=file_format,
        files=(files,),
        licence="MIT",
        gated=False,
        feeds={"sft": 1},
        columns=columns,
        description="",
        optional=optional,
    )


def _load(connection: duckdb.DuckDBPyConnection, dataset: Dataset, base: Path) -> list[dict[str, Any]]:
    load_dataset(connection, dataset, sorted(base.iterdir()), base)
    return connection.sql("SELECT * FROM raw.some_set").to_arrow_table().to_pylist()


def _write_lines(path: Path, rows: list[Any]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def test_rows_are_numbered_over_the_files_in_their_order(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _write_lines(tmp_path / "b.jsonl", [{"p": f"b{i}"} for i in range(3_000)])
    _write_lines(tmp_path / "a.jsonl", [{"p": f"a{i}"} for i in range(2_500)])
    rows = _load(connection, _dataset("jsonl", {"p": "VARCHAR"}), tmp_path)
    assert [row["_row"] for row in rows] == list(range(5_500))
    assert [row["p"] for row in rows] == [f"a{i}" for i in range(2_500)] + [f"b{i}" for i in range(3_000)]
    assert [rows[0]["_file"], rows[-1]["_file"]] == ["a.jsonl", "b.jsonl"]


def test_parquet_shards_keep_their_order_and_all_their_columns(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for shard in range(3):
        table = pa.table({"extra": [shard] * 1000, "p": [f"{shard}-{i}" for i in range(1000)]})
        pq.write_table(table, tmp_path / f"train-{shard}.parquet", row_group_size=100)
    rows = _load(connection, _dataset("parquet", {"p": "VARCHAR"}), tmp_path)
    assert [row["p"] for row in rows] == [f"{s}-{i}" for s in range(3) for i in range(1000)]
    assert [row["_row"] for row in rows] == list(range(3000))
    assert rows[-1]["extra"] == 2


@pytest.mark.parametrize(
    ("conversation_a", "conversation_b"),
    [
        ({"content": "Hi", "role": "user"}, {"num_tokens": 1, "role": "user", "content": "Hi"}),
        ({"role": "user", "content": "Hi", "num_tokens": 1}, {"content": "Hi", "role": "user"}),
    ],
)
def test_the_structs_of_two_columns_may_differ_in_fields_and_order(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, conversation_a: Any, conversation_b: Any
) -> None:
    table = pa.table({"conversation_a": [[conversation_a]], "conversation_b": [[conversation_b]]})
    pq.write_table(table, tmp_path / "a.parquet")
    chat = 'STRUCT(content VARCHAR, "role" VARCHAR)[]'
    row = _load(connection, _dataset("parquet", {"conversation_a": chat, "conversation_b": chat}), tmp_path)[0]
    assert (row["conversation_a"], row["conversation_b"]) == ([conversation_a], [conversation_b])


def test_a_struct_may_have_more_fields_than_needed(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    messages = [[{"role": "user", "content": "Hi", "num_tokens": 1}]]
    pq.write_table(pa.table({"messages": messages}), tmp_path / "a.parquet")
    dataset = _dataset("parquet", {"messages": 'STRUCT(content VARCHAR, "role" VARCHAR)[]'})
    assert _load(connection, dataset, tmp_path)[0]["messages"] == messages[0]


def test_a_reserved_column_is_refused(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    pq.write_table(pa.table({"p": ["x"], "_Row": [1]}), tmp_path / "a.parquet")
    with pytest.raises(SourceError, match="uses the reserved column _row"):
        _load(connection, _dataset("parquet", {"p": "VARCHAR"}), tmp_path)


def test_a_json_value_of_another_type_breaks_its_record_only(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows: list[Any] = [{"n": 1, "l": ["a"]}, {"n": True}, {"n": 1.0}, {"n": 2**63}, {"l": "ab"}]
    _write_lines(tmp_path / "a.jsonl", [*rows, {"l": None}])
    loaded = _load(connection, _dataset("jsonl", {"n": "BIGINT", "l": "VARCHAR[]"}), tmp_path)
    assert [(row["n"], row["l"]) for row in loaded] == [
        (1, ["a"]),
        *[(None, None)] * 5,
    ]
    assert [row["_error"] for row in loaded] == [
        None,
        "column n: expected BIGINT, found boolean",
        "column n: expected BIGINT, found number",
        "column n: expected BIGINT, found integer",
        "column l: expected VARCHAR[], found string",
        None,
    ]


@pytest.mark.parametrize(
    ("name", "content", "file_format", "message"),
    [
        ("a.jsonl", b"", "jsonl", "the file is empty"),
        ("a.parquet", b"PAR1 and no more", "parquet", "not readable as Parquet"),
        ("a.jsonl.gz", b"\x1f\x8b no gzip", "jsonl", "cut off or broken"),
        ("a.jsonl.zst", zstandard.compress(b'{"p": "x"}')[:-4], "jsonl", "cut off or broken"),
        ("a.csv.zst", b"no zstd", "csv", "cut off or broken"),
        ("a.json", b'[{"p": "x"}, {"p": ', "json", "cut off or broken: the array is cut off"),
        ("a.json", b'{\n"p": "x"}', "json", "not a JSON array"),
    ],
)
def test_a_broken_file_is_refused_and_the_table_stays(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    name: str,
    content: bytes,
    file_format: str,
    message: str,
) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir()
    bad.mkdir()
    _write_lines(good / "a.jsonl", [{"p": "kept"}])
    _load(connection, _dataset("jsonl", {"p": "VARCHAR"}), good)
    (bad / name).write_bytes(content)
    with pytest.raises(SourceError, match=f"org/some-set: .*{name}: {message}"):
        _load(connection, _dataset(file_format, {"p": "VARCHAR"}), bad)
    assert connection.sql("SELECT p FROM raw.some_set").fetchall() == [("kept",)]


def test_what_came_of_each_load_is_recorded(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    dataset = _dataset("jsonl", {"p": "VARCHAR"}, files="train.jsonl")
    source = LocalSource(tmp_path)
    repo = tmp_path / "org" / "some-set"
    repo.mkdir(parents=True)

    def load() -> tuple[Any, ...]:
        load_and_record(connection, dataset, obtain(dataset, source, Selection()))
        (row,) = connection.sql("SELECT status, n_rows, error FROM raw._loads").fetchall()
        return row

    assert load() == ("not found", 0, None)
    _write_lines(repo / "train.jsonl", [{"p": "x"}, {"p": "y"}])
    assert load() == ("loaded", 2, None)
    (repo / "train.jsonl").write_bytes(b"")
    status, n_rows, error = load()
    assert (status, n_rows) == ("refused", 2)
    assert "the file is empty" in error


def test_a_directory_without_any_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds none of the registry's datasets"):
        require_any(LocalSource(tmp_path), [_dataset("jsonl", {}, files="train.jsonl")])
    with pytest.raises(SettingsError, match="does not exist"):
        LocalSource(tmp_path / "missing")


def test_a_parquet_text_that_is_marked_as_json_is_a_text(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    chat = pa.list_(pa.struct([("role", pa.string()), ("content", pa.json_())]))
    table = pa.table(
        {
            "p": pa.array(['{"a": 1.10}'], pa.json_()),
            "chat": pa.ListArray.from_arrays(
                pa.array([0, 1], pa.int32()),
                pa.StructArray.from_arrays(
                    [pa.array(["user"]), pa.array(['"x"'], pa.json_())], fields=list(chat.value_type)
                ),
            ),
            "anything": pa.array(["[1]"], pa.json_()),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    columns = {"p": "VARCHAR", "chat": 'STRUCT(content VARCHAR, "role" VARCHAR)[]', "anything": "JSON"}
    (row,) = _load(connection, _dataset("parquet", columns), tmp_path)
    types = connection.sql("SELECT typeof(p), typeof(chat), typeof(anything) FROM raw.some_set").fetchall()
    assert types == [("VARCHAR", 'STRUCT("role" VARCHAR, "content" VARCHAR)[]', "JSON")]
    assert (row["p"], row["chat"]) == ('{"a": 1.10}', [{"role": "user", "content": '"x"'}])
