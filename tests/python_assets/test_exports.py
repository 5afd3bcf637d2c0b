"""The standard files are complete or absent, in order, and written a slice at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_assets.exports.files import OutputFiles, write_records
from python_assets.exports.slices import MAX_ROWS, read_slices

HOSTILE = ["\u2028 and \u2029", "\x00 \x1f \x7f", 'a"b\\u4f60\n\r\t', "你好 😀 <script>", "\ufeff' ; DROP TABLE", " "]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def kept(connection: duckdb.DuckDBPyConnection, metadata: dict[str, dict[int, str]]) -> None:
    """Make the relations of a type out of the metadata of the kept rows, by dataset and row."""
    rows = [(dataset, row, text) for dataset, texts in metadata.items() for row, text in texts.items()]
    incoming = pa.table(
        {
            "dataset": [dataset for dataset, _, _ in rows],
            "ordinal": [list(metadata).index(dataset) for dataset, _, _ in rows],
            "_row": [row for _, row, _ in rows],
            "metadata": [text for _, _, text in rows],
            "all_prompt_id": range(len(rows)),
        }
    )
    connection.register("incoming", incoming)
    connection.execute("CREATE SCHEMA intermediate; CREATE SCHEMA marts")
    connection.execute(
        "CREATE TABLE intermediate.int_sft_survivors AS SELECT dataset, ordinal, _row, true AS is_kept FROM incoming"
    )
    connection.execute(
        """
        CREATE TABLE marts.unified_sft AS
        SELECT all_prompt_id, _row || '_' || dataset AS source_prompt_id, metadata AS prompt,
               metadata || '!' AS answer, metadata, dataset, _row
        FROM incoming ORDER BY hash(all_prompt_id)
        """
    )


def test_hostile_texts_come_back_through_another_reader(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    kept(connection, {"b/b": dict(enumerate(HOSTILE)), "a/a": {7: "last"}})
    files = OutputFiles(tmp_path, "sft", 0.2)
    assert write_records(connection, files, lambda done, total: None) == len(HOSTILE) + 1
    texts = [*HOSTILE, "last"]
    ids = [*(f"{row}_b/b" for row in range(len(HOSTILE))), "7_a/a"]
    for kind, fields in (
        ("dedup", ["all_prompt_id", "source_prompt_id", "prompt", "metadata"]),
        ("unified", ["all_prompt_id", "source_prompt_id", "prompt", "answer", "metadata"]),
    ):
        with files.named(kind, ".jsonl").open("rb") as lines:
            rows = [json.loads(line) for line in lines]
        assert [list(row) for row in rows] == [fields] * len(texts)
        assert [row["prompt"] for row in rows] == [row["metadata"] for row in rows] == texts
        assert [row["source_prompt_id"] for row in rows] == ids
        assert [row["all_prompt_id"] for row in rows] == list(range(len(texts)))
    assert pq.read_table(files.named("unified", ".parquet"))["answer"].to_pylist() == [text + "!" for text in texts]


def test_an_error_on_the_way_leaves_the_earlier_files_and_nothing_else(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    kept(connection, {"a/a": {0: "first"}, "b/b": {0: "second"}})
    files = OutputFiles(tmp_path, "sft", 0.2)
    write_records(connection, files, lambda done, total: None)
    before = {path: path.read_bytes() for path in files.directory.iterdir()}
    connection.execute("UPDATE marts.unified_sft SET prompt = 'another'")

    def stop(done: int, total: int) -> None:
        assert {path: path.read_bytes() for path in before} == before
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_records(connection, files, stop)
    assert {path: path.read_bytes() for path in files.directory.iterdir()} == before


def test_slices_follow_the_size_of_the_rows(connection: duckdb.DuckDBPyConnection) -> None:
    narrow = dict.fromkeys(range(30000), "x" * 100)
    wide = dict.fromkeys(range(30000, 31000), "y" * 50000)
    kept(connection, {"a/a": {**narrow, **wide}, "b/b": {50_000: "far"}})
    slices = list(read_slices(connection, "sft", target_bytes=1 << 20))
    ids = [number for table in slices for number in table["all_prompt_id"].to_pylist()]
    assert ids == list(range(31_002 - 1))
    sizes = [(len(table), sum(map(len, table["metadata"].to_pylist()))) for table in slices]
    assert max(rows for rows, _ in sizes) <= MAX_ROWS
    too_large = [n_bytes for _, n_bytes in sizes if n_bytes > 4 << 20]
    assert len(too_large) <= 1, "only the slice in which the rows begin to be wide may be larger than wanted"
    assert len(slices) < 80


def test_no_row_makes_empty_files(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    kept(connection, {"a/a": {0: "x"}})
    connection.execute("DELETE FROM marts.unified_sft; DELETE FROM intermediate.int_sft_survivors")
    files = OutputFiles(tmp_path, "sft", 0.2)
    assert write_records(connection, files, lambda done, total: None) == 0
    assert files.named("dedup", ".jsonl").read_bytes() == b""
    assert len(pq.read_table(files.named("unified", ".parquet"))) == 0
