"""The record of the last load of each dataset, the table ``raw._loads``."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from python_assets.errors import SourceError
from python_assets.sources.load import empty_table, load_dataset
from python_assets.sources.local import Source
from python_assets.sources.registry import Dataset

logger = logging.getLogger(__name__)

LOADED = "loaded"
NOT_FOUND = "not found"
REFUSED = "refused"
OFF = "off"


@dataclass(frozen=True)
class Load:
    """What came of loading one dataset.

    Attributes
    ----------
    status : str
        ``loaded``, ``not found``, ``refused`` or ``off``.
    n_rows : int
        Rows of the raw table now.
    n_unreadable : int
        Those of them that are broken records.
    error : str or None
        Why the dataset was refused; the raw table is then the one from before.
    files : tuple of Path
    """

    status: str
    n_rows: int = 0
    n_unreadable: int = 0
    error: str | None = None
    files: tuple[Path, ...] = ()


def load_and_record(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    source: Source,
    *,
    eval_splits: bool,
    progress: Callable[[int], None] = lambda rows: None,
) -> Load:
    """Load a dataset from a source and record what came of it.

    A dataset that is not there, or a split that is off, leaves an empty table; one that must be
    refused leaves its table as it was. Neither stops the other datasets.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Open for writing.
    dataset : Dataset
    source : Source
    eval_splits : bool
        Whether validation and test splits are wanted as well.
    progress : callable
        Called with the number of records read so far.
    """
    load = _load(connection, dataset, source, eval_splits, progress)
    if load.error:
        logger.error("refused %s", load.error)
    else:
        logger.info("%s %s: %d rows", load.status, dataset.dataset, load.n_rows)
    _record(connection, dataset, load)
    return load


def create_loads_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty record of loads where there is none."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
    connection.execute(
        """
        CREATE TABLE IF NOT EXISTS raw._loads (
            raw_table VARCHAR, dataset VARCHAR, status VARCHAR, error VARCHAR, revision VARCHAR,
            files STRUCT(name VARCHAR, bytes BIGINT)[], n_rows BIGINT
        )
        """
    )


def _load(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    source: Source,
    eval_splits: bool,
    progress: Callable[[int], None],
) -> Load:
    if not dataset.is_training and not eval_splits:
        empty_table(connection, dataset)
        return Load(OFF)
    try:
        files = source.locate(dataset)
        if files is None:
            empty_table(connection, dataset)
            return Load(NOT_FOUND)
        base = source.repo_dir(dataset)
        count = load_dataset(connection, dataset, files, base, progress)
    except SourceError as error:
        return Load(REFUSED, *_count(connection, dataset), error=str(error))
    except OSError as error:
        cause = SourceError(dataset.dataset, str(error))
        return Load(REFUSED, *_count(connection, dataset), error=str(cause))
    return Load(LOADED, count, _count(connection, dataset)[1], files=tuple(files))


def _count(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> tuple[int, int]:
    if not connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'raw' AND table_name = ?",
        [dataset.table],
    ).fetchone():
        empty_table(connection, dataset)
    row = connection.sql(f'SELECT count(*), count(_error) FROM raw."{dataset.table}"').fetchall()[0]
    return int(row[0]), int(row[1])


def _record(connection: duckdb.DuckDBPyConnection, dataset: Dataset, load: Load) -> None:
    create_loads_table(connection)
    files = [{"name": file.name, "bytes": file.stat().st_size} for file in load.files]
    connection.execute("BEGIN")
    connection.execute("DELETE FROM raw._loads WHERE raw_table = ?", [dataset.table])
    connection.execute(
        "INSERT INTO raw._loads VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            dataset.table,
            dataset.dataset,
            load.status,
            load.error,
            dataset.revision,
            files,
            load.n_rows,
        ],
    )
    connection.execute("COMMIT")
