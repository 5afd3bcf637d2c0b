"""The texts of a benchmark's items, read by the readers of datasets."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from python_assets.contamination.benchmarks import Benchmark
from python_assets.errors import SettingsError
from python_assets.sources.columns import RESERVED
from python_assets.sources.found import Found, Source, SourceFile
from python_assets.sources.load import load_dataset
from python_assets.warehouse import quote

logger = logging.getLogger(__name__)

TEXT_COLUMNS = ("question", "problem", "prompt", "text", "instruction", "input", "query")
COLUMNS = ("benchmark", "item", "text", "text_key", "origin")
SCHEMA = pa.schema([(name, pa.int64() if name == "item" else pa.string()) for name in COLUMNS])


def read_items(benchmarks: Sequence[Benchmark], source: Source) -> pa.Table:
    """Read the items of benchmarks.

    Parameters
    ----------
    benchmarks : sequence of Benchmark
    source : Source
        Where those that are known by name come from.

    Returns
    -------
    pyarrow.Table
        ``benchmark``, ``item`` (0-based, in the order of its files), ``text``, ``text_key`` (sha256 of the text) and
        ``origin`` (see `Benchmark.origin`).

    Raises
    ------
    SettingsError
        One is not there, or has no column of texts.
    SourceError
        Its files cannot be had or read.

    Notes
    -----
    A record that cannot be read or has no text is left out, and their number is logged.
    """
    return pa.concat_tables([SCHEMA.empty_table(), *(_items(benchmark, source) for benchmark in benchmarks)])


def _items(benchmark: Benchmark, source: Source) -> pa.Table:
    found = _found(benchmark, source)
    paths = [file.path for file in found.files]
    with duckdb.connect() as connection:
        column = _column(benchmark, _columns(connection, benchmark, paths, found.base))
        dataset = replace(benchmark.dataset, columns={column: "VARCHAR"})
        n_records = load_dataset(connection, dataset, paths, found.base)
        rows = connection.sql(
            f"SELECT _row, {quote(column)} AS text FROM raw.{quote(dataset.table)} "
            f"WHERE _error IS NULL AND trim({quote(column)}) != '' ORDER BY _row"
        ).to_arrow_table()
    if not len(rows):
        raise SettingsError(f"benchmark {benchmark.name}: none of its {n_records} records has a text in {column}")
    logger.info(
        "benchmark %s: %d items%s", benchmark.name, len(rows),
        f", {n_records - len(rows)} records without a text are left out" if n_records > len(rows) else "",
    )  # fmt: skip
    texts = rows["text"].cast(pa.string())
    keys = [hashlib.sha256(value.encode()).hexdigest() for value in texts.to_pylist()]
    name, origin = ([value] * len(rows) for value in (benchmark.name, benchmark.origin()))
    return pa.table([pa.array(name), rows["_row"], texts, pa.array(keys), pa.array(origin)], schema=SCHEMA)


def _found(benchmark: Benchmark, source: Source) -> Found:
    if benchmark.path is not None:
        stat = benchmark.path.stat()
        file = SourceFile(benchmark.path, benchmark.path.name, stat.st_size, stat.st_mtime_ns)
        return Found(benchmark.path.parent, (file,))
    found = source.find(benchmark.dataset)
    if found is None:
        raise SettingsError(
            f"benchmark {benchmark.name} is not in {source}; expected "
            f"{benchmark.dataset.repo}/{benchmark.dataset.files[0]} (with SOURCE=hub it is downloaded)"
        )
    return found


def _columns(connection: duckdb.DuckDBPyConnection, benchmark: Benchmark, paths: list[Path], base: Path) -> list[str]:
    """Return the names of the columns, of JSON those of the first record that can be read."""
    load_dataset(connection, benchmark.dataset, paths, base)
    table = f"raw.{quote(benchmark.dataset.table)}"
    if benchmark.dataset.format not in ("json", "jsonl"):
        return [name for name in connection.table(table).columns if name not in RESERVED]
    record = connection.sql(f"SELECT _record FROM {table} WHERE _error IS NULL ORDER BY _row LIMIT 1").fetchone()
    return list(json.loads(record[0])) if record else []


def _column(benchmark: Benchmark, present: list[str]) -> str:
    wanted = (benchmark.column,) if benchmark.column else TEXT_COLUMNS
    column = next((name for name in wanted if name in present), None)
    if column is None:
        raise SettingsError(
            f"benchmark {benchmark.name} has no column {' or '.join(wanted)}; it has {', '.join(present) or 'none'}: "
            "name the one with the texts, as path::column"
        )
    return column
