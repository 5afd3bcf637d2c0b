"""Load the files of one dataset into its table of the schema raw, whole or not at all."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path

import duckdb
import pyarrow as pa

from python_assets.errors import SourceError
from python_assets.sources.columns import arrow_schema, mismatch, satisfies
from python_assets.sources.records import Record, read_csv, read_json_lines
from python_assets.sources.registry import Dataset
from python_assets.warehouse import quote

RESERVED = {"_row": "BIGINT", "_file": "VARCHAR", "_record": "VARCHAR", "_error": "VARCHAR"}
BATCH_RECORDS = 2_000

Progress = Callable[[int], None]


def load_dataset(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    files: list[Path],
    base: Path,
    progress: Progress = lambda rows: None,
) -> int:
    """Replace a dataset's raw table by the content of its files, in one transaction.

    Every raw table starts with ``_row`` (0-based over the files in the given order), ``_file``,
    ``_record`` (the exact text of a JSON record, or of a CSV record that cannot be read) and
    ``_error`` (why a record cannot be read, else null). JSON tables go on with the registry's
    columns, CSV tables with every column as VARCHAR, Parquet tables with the original columns.

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
    Text files are streamed in batches of 2,000 records, Parquet files by DuckDB itself.
    """
    for file in files:
        if file.stat().st_size == 0:
            raise SourceError(dataset.dataset, "the file is empty", file)
    table = f"raw.{quote(dataset.table)}"
    connection.execute("BEGIN")
    try:
        connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
        if dataset.format == "parquet":
            _load_parquet(connection, table, dataset, files, base)
        else:
            _load_records(connection, table, dataset, files, base, progress)
        count = connection.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0]
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return int(count)


def empty_table(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Replace a dataset's raw table by an empty one with the registry's columns."""
    columns = {**RESERVED, **dataset.columns}
    definition = ", ".join(f"{quote(name)} {data_type}" for name, data_type in columns.items())
    connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
    connection.execute(f"CREATE OR REPLACE TABLE raw.{quote(dataset.table)} ({definition})")


def _load_parquet(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    dataset: Dataset,
    files: list[Path],
    base: Path,
) -> None:
    for file in files:
        try:
            found = connection.sql("SELECT * FROM read_parquet(?)", params=[str(file)])
        except duckdb.Error as error:
            raise SourceError(dataset.dataset, f"not readable as Parquet: {error}", file) from None
        _check_parquet_columns(dataset, file, dict(zip(found.columns, found.types, strict=True)))
    try:
        connection.execute(
            f"""
            CREATE OR REPLACE TABLE {table} AS
            SELECT
                row_number() OVER () - 1 AS _row,
                substr(_path, length(?) + 2) AS _file,
                NULL::VARCHAR AS _record,
                NULL::VARCHAR AS _error,
                * EXCLUDE (_path)
            FROM read_parquet(?, union_by_name = true, filename = '_path')
            """,
            [str(base), [str(file) for file in files]],
        )
    except duckdb.Error as error:
        names = ", ".join(file.name for file in files)
        raise SourceError(dataset.dataset, f"not readable as Parquet: {error}", names) from None


def _check_parquet_columns(dataset: Dataset, file: Path, found: dict[str, object]) -> None:
    by_name = {name.lower(): data_type for name, data_type in found.items()}
    if clash := by_name.keys() & {*RESERVED, "_path"}:
        raise SourceError(dataset.dataset, f"uses the reserved column {sorted(clash)[0]}", file)
    for name, data_type in dataset.columns.items():
        actual = by_name.get(name.lower())
        if actual is None:
            raise SourceError(dataset.dataset, _lacks(name, data_type, list(found)), file)
        if not satisfies(actual, duckdb.type(data_type)):
            cause = f"column {name}: expected {data_type}, found {actual}"
            raise SourceError(dataset.dataset, cause, file)


def _load_records(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    dataset: Dataset,
    files: list[Path],
    base: Path,
    progress: Progress,
) -> None:
    reader = _Reader(dataset, files, base, progress)
    batches = reader.batches()
    first = next(batches, None)
    schema = first.schema if first is not None else arrow_schema({**RESERVED, **dataset.columns})
    stream = pa.RecordBatchReader.from_batches(schema, chain([first] if first else [], batches))
    try:
        connection.register("incoming_records", stream)
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM incoming_records")
    except duckdb.Error:
        if reader.failure is not None:
            raise reader.failure from None
        raise
    finally:
        connection.unregister("incoming_records")
    reader.check_columns()


class _Reader:
    """Records of the files as Arrow batches; remembers which columns were ever seen."""

    def __init__(self, dataset: Dataset, files: list[Path], base: Path, progress: Progress) -> None:
        self.dataset = dataset
        self.files = files
        self.base = base
        self.progress = progress
        self.failure: SourceError | None = None
        self._types: dict[str, pa.DataType] = {}
        self._seen: set[str] = set()
        self._readable = 0
        self._rows = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        read = read_csv if self.dataset.format == "csv" else read_json_lines
        for file in self.files:
            records = read(file)
            try:
                while chunk := list(islice(records, BATCH_RECORDS)):
                    yield self._batch(chunk, file)
            except (OSError, EOFError, zlib.error) as error:
                self.failure = SourceError(self.dataset.dataset, f"cut off or broken: {error}", file)
                raise self.failure from None

    def check_columns(self) -> None:
        missing = [name for name in self.dataset.columns if name not in self._seen]
        if missing and self._readable:
            name = missing[0]
            cause = _lacks(name, self.dataset.columns[name], sorted(self._seen))
            raise SourceError(self.dataset.dataset, cause, ", ".join(f.name for f in self.files))

    def _batch(self, records: list[Record], file: Path) -> pa.RecordBatch:
        if not self._types:
            self._types = self._column_types(records)
        for record in records:
            if record.error is None:
                self._seen.update(record.values)
                self._readable += 1
        checked = [self._checked(record) for record in records]
        rows = range(self._rows, self._rows + len(records))
        self._rows += len(records)
        self.progress(self._rows)
        arrays: dict[str, pa.Array] = {
            "_row": pa.array(rows, pa.int64()),
            "_file": pa.array([file.relative_to(self.base).as_posix()] * len(rows), pa.string()),
            "_record": pa.array([record.text for record in checked], pa.string()),
            "_error": pa.array([record.error for record in checked], pa.string()),
        }
        for name, data_type in self._types.items():
            values = [record.values.get(name) for record in checked]
            arrays[name] = pa.array(values, data_type)
        return pa.RecordBatch.from_pydict(arrays)

    def _column_types(self, records: list[Record]) -> dict[str, pa.DataType]:
        if self.dataset.format == "csv":
            header = next((list(r.values) for r in records if r.error is None), [])
            return dict.fromkeys(header or self.dataset.columns, pa.string())
        schema = arrow_schema(self.dataset.columns)
        return {field.name: field.type for field in schema}

    def _checked(self, record: Record) -> Record:
        for name, data_type in self._types.items():
            if found := mismatch(record.values.get(name), data_type):
                expected = self.dataset.columns.get(name, "VARCHAR")
                return Record({}, record.text, f"column {name}: expected {expected}, found {found}")
        return record


def _lacks(name: str, data_type: str, found: list[str]) -> str:
    return f"lacks the column {name} ({data_type}); found {', '.join(found)}"
