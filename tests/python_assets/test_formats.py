"""What a raw table holds does not depend on the format of the files, nor on their compression."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from python_assets.errors import SourceError
from python_assets.memory import duckdb_memory_limit
from python_assets.sources.batches import RecordBatches
from python_assets.sources.load import empty_table, load_dataset
from python_assets.sources.registry import Dataset
from tests.python_assets.test_load import _dataset

FORMATS = ("csv", "json", "jsonl", "parquet")
COMPRESS = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    kind, _, suffix = path.name.partition(".")[2].partition(".")
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return
    lines = [json.dumps(row) for row in rows]
    if kind == "csv":
        lines = [",".join(f'"{value}"' for value in row.values()) for row in rows]
        lines.insert(0, ",".join(rows[0]))
    text = f"[{', '.join(lines)}]" if kind == "json" else "\n".join(lines)
    path.write_bytes(COMPRESS[f".{suffix}" if suffix else ""](text.encode()))


def _load(connection: duckdb.DuckDBPyConnection, dataset: Dataset, base: Path) -> list[dict[str, Any]]:
    load_dataset(connection, dataset, sorted(base.iterdir()), base)
    return connection.sql("SELECT * FROM raw.some_set").to_arrow_table().to_pylist()


@pytest.mark.parametrize("suffix", COMPRESS)
@pytest.mark.parametrize("file_format", FORMATS)
def test_every_format_and_compression_gives_the_same_rows(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, file_format: str, suffix: str
) -> None:
    if file_format == "parquet" and suffix:
        return
    for name in "ba":
        _write(tmp_path / f"{name}.{file_format}{suffix}", [{"p": f"{name}{i}"} for i in range(3_000)])
    rows = _load(connection, _dataset(file_format, {"p": "VARCHAR"}), tmp_path)
    assert [row["p"] for row in rows] == [f"{name}{i}" for name in "ab" for i in range(3_000)]
    assert [row["_row"] for row in rows] == list(range(6_000))
    assert {row["_absent"] is None and row["_error"] is None for row in rows} == {True}


def test_zstd_frames_may_need_a_long_window_and_follow_each_other(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    settings = zstandard.ZstdCompressionParameters(window_log=28, hash_log=12, chain_log=12)
    frames = b""
    for number in range(3):
        frame = zstandard.ZstdCompressor(compression_params=settings).compressobj()
        frames += frame.compress(b'{"p": "%d"}\n{"p": ' % number) + frame.compress(b'"x"}\n') + frame.flush()
    assert zstandard.get_frame_parameters(frames).window_size == 2**28
    (tmp_path / "a.jsonl.zst").write_bytes(frames)
    rows = _load(connection, _dataset("jsonl", {"p": "VARCHAR"}), tmp_path)
    assert [row["p"] for row in rows] == ["0", "x", "1", "x", "2", "x"]


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize(
    ("found", "hint"),
    [
        ({"Prompt": "x"}, "; Prompt differs only in case"),
        ({"promt": "x", "other": "y"}, r"; was promt meant\?"),
        ({"question": "x"}, ""),
    ],
)
def test_a_needed_column_that_was_renamed_is_named_with_what_is_there(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, file_format: str, found: dict[str, str], hint: str
) -> None:
    _write(tmp_path / f"a.{file_format}", [{"prompt": "x", "answer": "y"}])
    _write(tmp_path / f"b.{file_format}", [{**found, "answer": "y"}])
    dataset = _dataset(file_format, {"prompt": "VARCHAR", "answer": "VARCHAR"})
    names = ", ".join([*found, "answer"])
    message = rf"org/some-set: .*b.{file_format}: lacks the column prompt \(VARCHAR\); found {names}{hint}$"
    with pytest.raises(SourceError, match=message):
        _load(connection, dataset, tmp_path)


@pytest.mark.parametrize(
    ("file_format", "found"),
    [("csv", "VARCHAR"), ("json", "string"), ("jsonl", "string"), ("parquet", "VARCHAR")],
)
def test_a_needed_column_of_another_type_is_named_with_both_types(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, file_format: str, found: str
) -> None:
    _write(tmp_path / f"a.{file_format}", [{"p": "x", "n": "1"}, {"p": "y", "n": "2"}])
    dataset = _dataset(file_format, {"p": "VARCHAR", "n": "BIGINT"})
    message = rf"org/some-set: .*a.{file_format}: column n: expected BIGINT, found {found}"
    with pytest.raises(SourceError, match=message):
        _load(connection, dataset, tmp_path)


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_optional_column_that_is_missing_is_null(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, file_format: str
) -> None:
    _write(tmp_path / f"a.{file_format}", [{"p": "x"}])
    columns = {"o": "VARCHAR[]", "p": "VARCHAR", "any": "JSON"}
    dataset = _dataset(file_format, columns, optional=frozenset({"o", "any"}))
    (row,) = _load(connection, dataset, tmp_path)
    assert (row["p"], row["o"], row["any"]) == ("x", None, None)
    assert row["_absent"] == (["o", "any"] if row["_record"] is None else None)
    types = dict(
        connection.sql("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'some_set'").fetchall()
    )
    assert {name: types[name] for name in columns} == columns


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_optional_column_that_is_there_keeps_its_values(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, file_format: str
) -> None:
    _write(tmp_path / f"a.{file_format}", [{"o": "here", "p": "x"}])
    (row,) = _load(connection, _dataset(file_format, {"o": "VARCHAR"}, optional=frozenset("o")), tmp_path)
    assert (row["o"], row["_absent"]) == ("here", None)


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_columns_that_only_some_files_have_are_kept_and_marked_where_they_are_absent(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, file_format: str
) -> None:
    _write(tmp_path / f"a.{file_format}", [{"old": "1", "p": "a"}])
    _write(tmp_path / f"b.{file_format}", [{"new": "2", "p": "b"}])
    _write(tmp_path / f"c.{file_format}", [{"p": "c", "new": "3"}])
    rows = _load(connection, _dataset(file_format, {"p": "VARCHAR"}), tmp_path)
    assert [(row["p"], row["old"], row["new"]) for row in rows] == [
        ("a", "1", None),
        ("b", None, "2"),
        ("c", None, "3"),
    ]
    assert [row["_absent"] for row in rows] == [["new"], ["old"], ["old"]]
    assert list(rows[0])[5:] == ["p", "new", "old"]


JSON_VALUES = [
    "text",
    'with "quotes" \n 你',
    ["a", None, {"b": [1.5, True]}],
    {"content": "x", "n": 12345678901234567890123},
    12345678901234567890123,
    1e300,
    False,
    "",
]


@pytest.mark.parametrize("file_format", ["json", "jsonl"])
def test_a_json_column_holds_the_json_text_of_any_value(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, file_format: str
) -> None:
    _write(tmp_path / f"a.{file_format}", [{"v": value} for value in [*JSON_VALUES, None]] + [{"w": 1}])
    _load(connection, _dataset(file_format, {"v": "JSON"}), tmp_path)
    found = [text for (text,) in connection.sql("SELECT to_json(v)::VARCHAR FROM raw.some_set").fetchall()]
    assert found[-2:] == [None, None]
    assert [json.loads(text) for text in found[:-2]] == JSON_VALUES
    assert [type(json.loads(text)) for text in found[:-2]] == [type(value) for value in JSON_VALUES]


def test_values_that_json_does_not_know_are_mended_in_a_json_column_only(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    lines = [r'{"v": ["a\ud83d", "\ud83d\ude00", {"\udc00": 1}]}', r'{"v": [NaN, -Infinity]}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    rows = _load(connection, _dataset("jsonl", {"v": "JSON"}), tmp_path)
    assert [json.loads(row["v"]) for row in rows] == [["a\ufffd", "😀", {"\ufffd": 1}], [None, None]]
    assert [row["_record"] for row in rows] == lines


def test_to_json_reads_a_column_of_any_type_in_every_format(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for number, (file_format, value) in enumerate(
        [
            ("csv", "[1]"),
            ("json", "x"),
            ("jsonl", [1]),
            ("parquet", "[1]"),
            ("parquet", ["x"]),
            ("parquet", {"a": None}),
        ]
    ):
        base = tmp_path / str(number)
        base.mkdir()
        dataset = _dataset(file_format, {"v": "JSON"})
        _write(base / f"a.{file_format}", [{"v": value}])
        _load(connection, dataset, base)
        ((found,),) = connection.sql("SELECT to_json(v)::VARCHAR FROM raw.some_set").fetchall()
        assert json.loads(found) == value
    empty_table(connection, dataset)
    assert connection.sql("SELECT to_json(v) FROM raw.some_set").fetchall() == []


def test_parquet_files_that_disagree_on_a_type_are_both_named(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _write(tmp_path / "a.parquet", [{"p": "x", "score": 1.5}])
    _write(tmp_path / "b.parquet", [{"p": "y", "score": "high"}])
    with pytest.raises(SourceError, match=r"b.parquet: column score: found VARCHAR, but DOUBLE in a.parquet"):
        _load(connection, _dataset("parquet", {"p": "VARCHAR"}), tmp_path)


def test_parquet_files_may_differ_in_field_order_integer_width_and_empty_columns(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    first = {"n": pa.array([7], pa.int16()), "m": pa.array([{"role": "user", "content": "Hi"}]), "o": pa.nulls(1)}
    second = {"n": pa.array([2**40]), "m": pa.array([{"content": "Ho", "role": "gpt"}]), "o": pa.array(["x"])}
    pq.write_table(pa.table(first), tmp_path / "a.parquet")
    pq.write_table(pa.table(second), tmp_path / "b.parquet")
    rows = _load(connection, _dataset("parquet", {"n": "BIGINT", "o": "VARCHAR"}), tmp_path)
    assert [row["n"] for row in rows] == [7, 2**40]
    assert [row["m"] for row in rows] == [{"role": "user", "content": "Hi"}, {"role": "gpt", "content": "Ho"}]
    assert [(row["o"], row["_absent"]) for row in rows] == [(None, None), ("x", None)]


def test_csv_columns_of_one_name_are_told_apart(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\np,p,P\n1,2,3\n")
    (row,) = _load(connection, _dataset("csv", {"p": "VARCHAR"}), tmp_path)
    assert list(row.items())[5:] == [("p", "1"), ("p_1", "2"), ("P_2", "3")]


def test_long_records_come_in_small_batches(tmp_path: Path) -> None:
    _write(tmp_path / "a.jsonl", [{"p": "x" * 1_000_000}] * 20)
    batches = RecordBatches(_dataset("jsonl", {"p": "VARCHAR"}), [tmp_path / "a.jsonl"], tmp_path, lambda n: None)
    assert max(batch.num_rows for batch in batches) < 10


def test_a_load_leaves_the_connections_settings_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMORY_LIMIT", "2GB")
    settings = "SELECT current_setting('memory_limit'), current_setting('threads')"
    _write(tmp_path / "a.parquet", [{"p": "x"}])
    with duckdb.connect(config={"memory_limit": duckdb_memory_limit(), "threads": 7}) as connection:
        before = connection.sql(settings).fetchall()
        _load(connection, _dataset("parquet", {"p": "VARCHAR"}), tmp_path)
        assert connection.sql(settings).fetchall() == before


@pytest.mark.parametrize("file_format", ["jsonl", "parquet"])
def test_what_does_not_fit_into_memory_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_format: str
) -> None:
    monkeypatch.setenv("MEMORY_LIMIT", "16MiB")
    base = tmp_path / "base"
    base.mkdir()
    _write(base / f"a.{file_format}", [{"p": f"{i}" * 400_000} for i in range(40)])
    with duckdb.connect(tmp_path / "w.duckdb", config={"memory_limit": "16MiB", "threads": 1}) as connection:
        with pytest.raises(SourceError, match="org/some-set: more memory is needed than 16MiB"):
            _load(connection, _dataset(file_format, {"p": "VARCHAR"}), base)
        assert connection.sql("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]
