"""Parquet files as one raw table, each row with its place in its file."""

from __future__ import annotations

from collections.abc import Callable
from glob import escape
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from python_assets.errors import SourceError
from python_assets.sources.columns import ANY_TYPE, RESERVED, as_text
from python_assets.sources.drift import absent, unite
from python_assets.sources.memory import is_out_of_memory
from python_assets.sources.registry import Dataset
from python_assets.warehouse import quote


def load_parquet(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    dataset: Dataset,
    files: list[Path],
    base: Path,
    progress: Callable[[int], None],
    max_rows: int | None = None,
) -> None:
    """Create the table and fill it file by file; a column that a file lacks is null and named in ``_absent``.

    With `max_rows` it ends there.

    Raises
    ------
    SourceError
        A file is not readable, or its columns are not those that are needed or those of the others.
    """
    schemas, columns = read_columns(connection, dataset, files)
    definition = ", ".join(f"{quote(name)} {data_type}" for name, data_type in {**RESERVED, **columns}.items())
    connection.execute(f"CREATE OR REPLACE TABLE {table} ({definition})")
    n_rows = 0
    for file, found in schemas.items():
        limit = "ALL" if max_rows is None else str(max_rows - n_rows)
        values = [
            f"CAST({quote(name) if found.get(name) is not None else 'NULL'} AS {data_type})"
            for name, data_type in columns.items()
        ]
        try:
            row = connection.execute(
                f"""
                INSERT INTO {table}
                SELECT file_row_number + ?, ?, NULL, NULL, ?::VARCHAR[], {", ".join(values)}
                FROM read_parquet(?, hive_partitioning = false)
                LIMIT {limit}
                """,
                [n_rows, file.relative_to(base).as_posix(), absent(columns, found), escape(str(file))],
            ).fetchone()
        except duckdb.Error as error:
            if is_out_of_memory(error):
                raise
            raise _unreadable(dataset, file, error) from None
        n_rows += row[0] if row else 0
        progress(n_rows)


def read_columns(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, files: list[Path]
) -> tuple[dict[Path, dict[str, Any]], dict[str, str]]:
    """Read the columns of each file, and unite them into those of the table; no row is read.

    Raises
    ------
    SourceError
        As `load_parquet` does for what the files' footers show.
    """
    schemas = {file: _schema(connection, dataset, file) for file in files}
    return schemas, unite(dataset, schemas)


def _schema(connection: duckdb.DuckDBPyConnection, dataset: Dataset, file: Path) -> dict[str, Any]:
    try:
        nulls = {field.name for field in pq.read_schema(file) if pa.types.is_null(field.type)}
        found = connection.read_parquet(escape(str(file)), hive_partitioning=False)
        columns = dict(zip(found.columns, found.types, strict=True))
    except (duckdb.Error, pa.ArrowException, OSError, UnicodeError) as error:
        raise _unreadable(dataset, file, error) from None
    return {
        name: None if name in nulls else data_type if dataset.columns.get(name) == ANY_TYPE else as_text(data_type)
        for name, data_type in columns.items()
    }


def _unreadable(dataset: Dataset, file: Path, error: Exception) -> SourceError:
    return SourceError(dataset.dataset, f"not readable as Parquet: {error}", file)
