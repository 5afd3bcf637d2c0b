"""What is loaded again and what is not, in whole, in part, or not at all."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_assets.errors import SettingsError, SourceError
from python_assets.sources.hub import HubSource
from python_assets.sources.loads import load_and_record, obtain
from python_assets.sources.local import LocalSource
from python_assets.sources.record import Load
from python_assets.sources.registry import load_registry
from python_assets.sources.selection import Selection
from tests.hub_server import HubServer, Repo
from tests.python_assets.hub_cases import DATASET, FILES, LARGE, REPO


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _load(connection: duckdb.DuckDBPyConnection, source: Any, selection: Selection | None = None) -> Load:
    selection = selection or Selection()
    obtained = obtain(DATASET, source, selection)
    return load_and_record(connection, DATASET, obtained, max_rows=selection.max_rows)


def _write(root: Path, *rows: str, name: str = "data/train-0.jsonl") -> Path:
    path = root / REPO / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"p": row}) + "\n" for row in rows), encoding="utf-8")
    return path


def _rows(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [row[0] for row in connection.sql("SELECT p FROM raw.some_set ORDER BY _row").fetchall()]


def test_the_record_says_what_was_fetched(connection: duckdb.DuckDBPyConnection, source: HubSource) -> None:
    _load(connection, source)
    row = connection.sql(
        "SELECT status, revision, commit_hash, n_rows, len(files), files[1].name, files[2].bytes, fetched_at "
        "FROM raw._loads"
    ).fetchall()[0]
    assert row[:-1] == ("loaded", "main", "a" * 40, 50_001, 2, "data/train-0.jsonl", len(LARGE))
    assert row[-1] is not None
    assert connection.sql("SELECT count(f.sha256) FROM raw._loads, unnest(files) AS t(f)").fetchall() == [(2,)]


def test_what_has_not_changed_is_not_loaded_again(
    server: HubServer, connection: duckdb.DuckDBPyConnection, source: HubSource, caplog: pytest.LogCaptureFixture
) -> None:
    assert not _load(connection, source).is_unchanged
    with caplog.at_level(logging.INFO, "python_assets"):
        assert _load(connection, source).is_unchanged
    assert f"unchanged {REPO}: 50001 rows are there, not loaded again" in caplog.text
    assert _load(connection, LocalSource(source.root)).is_unchanged, "its files are those of the download"
    server.repos[REPO] = Repo({**FILES, "README.md": b"new"}, commit="b" * 40)
    assert _load(connection, source).is_unchanged, "the files that are taken are the same"
    assert connection.sql("SELECT commit_hash FROM raw._loads").fetchall() == [("b" * 40,)]
    server.repos[REPO] = Repo({"data/train-0.jsonl": b'{"p": "new"}\n'}, commit="c" * 40)
    assert not _load(connection, source).is_unchanged
    assert _rows(connection) == ["new"]


def test_a_local_file_that_changed_is_loaded_again(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = _write(tmp_path, "x", "y")
    source = LocalSource(tmp_path)
    _load(connection, source)
    assert _load(connection, source).is_unchanged
    stat = path.stat()
    _write(tmp_path, "z", "y")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert not _load(connection, source).is_unchanged
    assert _rows(connection) == ["z", "y"]
    assert not _load(connection, source, Selection(max_rows=1)).is_unchanged
    connection.execute("DROP TABLE raw.some_set")
    assert not _load(connection, source, Selection(max_rows=1)).is_unchanged


def test_a_refused_dataset_keeps_its_table_and_what_is_known_of_it(
    server: HubServer, connection: duckdb.DuckDBPyConnection, source: HubSource
) -> None:
    _load(connection, source)
    server.repos[REPO] = Repo({"data/train-0.jsonl": b'{"q": 1}\n'}, commit="b" * 40)
    load = _load(connection, source)
    assert (load.status, load.n_rows) == ("refused", 50_001)
    assert "p" in (load.error or "")
    del server.repos[REPO]
    assert "there is no dataset" in (_load(connection, source).error or "")
    assert connection.sql("SELECT status, commit_hash, len(files) FROM raw._loads").fetchall() == [
        ("refused", "a" * 40, 2)
    ]
    server.repos[REPO] = Repo(dict(FILES), commit="a" * 40)
    assert _load(connection, source).is_unchanged


def test_a_record_of_an_earlier_make_is_taken_over(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    connection.execute("CREATE SCHEMA raw")
    connection.execute(
        "CREATE TABLE raw._loads AS SELECT 'other' AS raw_table, 'o/other' AS dataset, 'loaded' AS status, "
        "NULL::VARCHAR AS error, 'main' AS revision, [{'name': 'a', 'bytes': 1::BIGINT}] AS files, 7::BIGINT AS n_rows"
    )
    _write(tmp_path, "x")
    _load(connection, LocalSource(tmp_path))
    assert connection.sql("SELECT raw_table, n_rows FROM raw._loads ORDER BY ALL").fetchall() == [
        ("other", 7),
        ("some_set", 1),
    ]


@pytest.mark.parametrize("file_format", ["jsonl", "parquet", "csv"])
def test_a_row_limit_takes_the_first_rows_over_the_files(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, file_format: str, caplog: pytest.LogCaptureFixture
) -> None:
    dataset = replace(DATASET, format=file_format, files=(f"*.{file_format}",))
    (tmp_path / REPO).mkdir(parents=True)
    for shard in range(3):
        path = tmp_path / REPO / f"{shard}.{file_format}"
        texts = [f"{shard}-{row}" for row in range(5_000)]
        if file_format == "parquet":
            pq.write_table(pa.table({"p": texts}), path, row_group_size=500)
        elif file_format == "csv":
            path.write_text("p\n" + "\n".join(texts), encoding="utf-8")
        else:
            path.write_text("".join(f'{{"p": "{text}"}}\n' for text in texts), encoding="utf-8")
    found = obtain(dataset, LocalSource(tmp_path), Selection())
    assert load_and_record(connection, dataset, found, max_rows=6_001).status == "loaded in part"
    assert _rows(connection) == [f"0-{row}" for row in range(5_000)] + [f"1-{row}" for row in range(1_001)]
    assert "only the first 6001 rows are loaded, as max_rows says" in caplog.text
    assert connection.sql("SELECT status, max_rows FROM raw._loads").fetchall() == [("loaded in part", 6_001)]
    assert load_and_record(connection, dataset, found, max_rows=20_000).status == "loaded"


def test_datasets_are_included_and_excluded_by_their_names(connection: duckdb.DuckDBPyConnection) -> None:
    registry = load_registry()

    def wanted(**selection: Any) -> set[str]:
        return {d.dataset for d in registry if Selection(**selection).wants(d)}

    assert wanted(include=("GAIR/*",), exclude=("*/LIMO",)) == {"GAIR/lima/train"}
    assert wanted(include=("GAIR/lima",), eval_splits=True) == {"GAIR/lima/train", "GAIR/lima/test"}
    assert wanted() == {d.dataset for d in registry if d.is_training}
    Selection(include=("GAIR/*",)).check(registry)
    with pytest.raises(SettingsError, match="exclude: no dataset is named like 'GIAR"):
        Selection(exclude=("GIAR/*",)).check(registry)
    with pytest.raises(SettingsError, match="max_rows is 0"):
        Selection(max_rows=0).check(registry)


def test_a_dataset_that_is_not_wanted_leaves_an_empty_table(
    server: HubServer, connection: duckdb.DuckDBPyConnection, source: HubSource
) -> None:
    _load(connection, source)
    server.requests.clear()
    assert _load(connection, source, Selection(exclude=(REPO,))).status == "off"
    assert _rows(connection) == []
    assert not server.requests


def test_the_first_root_that_has_a_dataset_counts(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    one.mkdir()
    _write(two, "two")
    _write(three, "three")
    found = LocalSource(one, two, three).find(DATASET)
    assert found is not None
    assert [file.path for file in found.files] == [two / REPO / "data/train-0.jsonl"]


def test_the_notes_of_download_tools_are_no_data(tmp_path: Path) -> None:
    _write(tmp_path, "x")
    _write(tmp_path, "y", name=".cache/huggingface/download/train-9.jsonl")
    found = LocalSource(tmp_path).find(DATASET)
    assert found is not None
    assert [file.name for file in found.files] == ["data/train-0.jsonl"]


def test_a_link_out_of_the_roots_is_refused(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    target = _write(outside, "secret")
    link = root / REPO / "data/train-0.jsonl"
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    with pytest.raises(SourceError, match=r"train-0\.jsonl: is a link that leads out of the raw directory.*RAW_DIR"):
        LocalSource(root).find(DATASET)
    assert LocalSource(root, outside).find(DATASET) is not None
    with pytest.raises(SourceError, match="leaves the raw directory"):
        LocalSource(root).find(replace(DATASET, files=("../../../outside/**/*.jsonl",)))
