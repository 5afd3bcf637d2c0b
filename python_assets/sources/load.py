"""Load the files of one dataset into its table of the schema raw, whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import duckdb
import pyarrow as pa

from python_assets.errors import SourceError
from python_assets.memory import memory_limit
from python_assets.sources.batches import RecordBatches
from python_assets.sources.columns import RESERVED
from python_assets.sources.memory import bounded_memory, is_out_of_memory
from python_assets.sources.parquet import load_parquet, read_columns
from python_assets.sources.registry import Dataset
from python_assets.warehouse import quote

logger = logging.getLogger(__name__)

Progress = Callable[[int], None]


def load_dataset(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    files: list[Path],
    base: Path,
    progress: Progress = lambda rows: None,
    max_rows: int | None = None,
) -> int:
    """Replace a dataset's raw table by the content of its files, in one transaction.

    Every raw table starts with ``_row`` (0-based over the files in the given order), ``_file``,
    ``_record`` (the exact text of a JSON record, or of a CSV record that cannot be read), ``_error``
    (why a record cannot be read, else null) and ``_absent`` (the columns that the row's file does
    not have, else null). JSON tables go on with the registry's columns, CSV tables with every
    column as VARCHAR, Parquet tables with the original columns.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Open for writing.
    dataset : Dataset
    files : list of Path
        In the order in which the rows are numbered.
    base : Path
        The repository's directory; file names are kept relative to it.
    progress : callable
        Called with the number of records read so far.
    max_rows : int, optional
        Load only so many rows, the first ones.

    Returns
    -------
    int
        Number of rows, the broken ones included.

    Raises
    ------
    SourceError
        A file is empty, cut off or unreadable, or lacks a column that the registry needs, or has
        it with another type. The table stays as it was.

    Notes
    -----
    Text files are streamed in batches of at most 2,000 records and some MB, Parquet files by DuckDB
    itself. The peak is below 2 GiB, except where 2,048 rows in a row, which DuckDB handles at once,
    have hundreds of MB.
    """
    refuse_empty(dataset, files)
    with bounded_memory(connection):
        try:
            return _replace(connection, dataset, files, base, progress, max_rows)
        except duckdb.Error as error:
            if not is_out_of_memory(error):
                raise
            logger.warning("%s: its rows are so wide that more memory is needed; loading it again", dataset.dataset)
    try:
        return _replace(connection, dataset, files, base, progress, max_rows)
    except duckdb.Error as error:
        if not is_out_of_memory(error):
            raise
        cause = f"more memory is needed than {memory_limit()}, which MEMORY_LIMIT can raise: {error}"
        raise SourceError(dataset.dataset, cause) from None


def refuse_empty(dataset: Dataset, files: Iterable[Path]) -> None:
    """Raise a SourceError for the first file that is empty."""
    for file in files:
        if file.stat().st_size == 0:
            raise SourceError(dataset.dataset, "the file is empty", file)


def check_columns(connection: duckdb.DuckDBPyConnection, dataset: Dataset, files: list[Path], base: Path) -> None:
    """Look at what can be known of files without reading their rows: the columns of Parquet and CSV files.

    Raises
    ------
    SourceError
        A load would refuse a file.
    """
    refuse_empty(dataset, files)
    if dataset.format == "parquet":
        read_columns(connection, dataset, files)
    elif dataset.format == "csv":
        RecordBatches(dataset, files, base, lambda rows: None)


def _replace(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    files: list[Path],
    base: Path,
    progress: Progress,
    max_rows: int | None,
) -> int:
    table = f"raw.{quote(dataset.table)}"
    connection.execute("BEGIN")
    try:
        connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
        if dataset.format == "parquet":
            load_parquet(connection, table, dataset, files, base, progress, max_rows)
        else:
            _load_records(connection, table, dataset, files, base, progress, max_rows)
        count = connection.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0]
        connection.execute("COMMIT")
    except BaseException:
        # A commit that fails has rolled back by itself.
        with suppress(duckdb.TransactionException):
            connection.execute("ROLLBACK")
        raise
    return int(count)


def empty_table(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Replace a dataset's raw table by an empty one with the registry's columns."""
    columns = {**RESERVED, **dataset.columns}
    definition = ", ".join(f"{quote(name)} {data_type}" for name, data_type in columns.items())
    connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
    connection.execute(f"CREATE OR REPLACE TABLE raw.{quote(dataset.table)} ({definition})")


def _load_records(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    dataset: Dataset,
    files: list[Path],
    base: Path,
    progress: Progress,
    max_rows: int | None,
) -> None:
    batches = RecordBatches(dataset, files, base, progress, max_rows)
    try:
        connection.register("incoming_records", pa.RecordBatchReader.from_batches(batches.schema, iter(batches)))
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM incoming_records")
    except duckdb.Error:
        if batches.failure is not None:
            raise batches.failure from None
        raise
    finally:
        connection.unregister("incoming_records")
