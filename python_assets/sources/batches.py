"""The records of text files as Arrow batches of a bounded size."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from python_assets.errors import SourceError, UnreadableFileError
from python_assets.sources.columns import RESERVED, arrow_schema, mismatch
from python_assets.sources.drift import absent, lacks, unite
from python_assets.sources.records import (
    Record,
    json_text,
    read_csv,
    read_csv_header,
    read_json,
    read_json_lines,
)
from python_assets.sources.registry import Dataset

BATCH_RECORDS = 2_000
BATCH_CHARACTERS = 1 << 22
_NAMES_KEPT = 1_000

_READERS = {"csv": read_csv, "json": read_json, "jsonl": read_json_lines}


class RecordBatches:
    """The records of a dataset's files, in their order.

    Parameters
    ----------
    dataset : Dataset
        Of a text format.
    files : list of Path
    base : Path
        File names are kept relative to it.
    progress : callable
        Called with the number of records read so far.
    max_rows : int, optional
        End after so many records.

    Attributes
    ----------
    schema : pa.Schema
        Of every batch: the reserved columns, then the registry's (JSON) or the files' (CSV).
    failure : SourceError or None
        Why the iteration broke off; whoever consumes the batches may hide it behind its own error.

    Raises
    ------
    SourceError
        The header of a CSV file does not satisfy the registry.
    """

    def __init__(
        self,
        dataset: Dataset,
        files: list[Path],
        base: Path,
        progress: Callable[[int], None],
        max_rows: int | None = None,
    ) -> None:
        self._dataset = dataset
        self._files = files
        self._base = base
        self._progress = progress
        self._max_rows = max_rows
        self._n_rows = 0
        self._absent: dict[Path, list[str] | None] = {}
        self.failure: SourceError | None = None
        columns = self._csv_columns() if dataset.format == "csv" else dataset.columns
        self.schema = arrow_schema({**RESERVED, **columns})
        self._fields = list(self.schema)[len(RESERVED) :]

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches; a file that must be refused ends them with a SourceError."""
        try:
            for file in self._files:
                seen = _SeenColumns(self._dataset, file)
                left = None if self._max_rows is None else self._max_rows - self._n_rows
                for records in _chunks(islice(self._records(file), left)):
                    yield self._batch(records, file, seen)
                if self._dataset.format != "csv":
                    seen.check()
        except SourceError as error:
            self.failure = error
            raise

    def _csv_columns(self) -> dict[str, str]:
        text = duckdb.type("VARCHAR")
        headers = {}
        for file in self._files:
            with _Refusing(self._dataset, file):
                headers[file] = dict.fromkeys(read_csv_header(file), text)
        columns = unite(self._dataset, headers)
        self._absent = {file: absent(columns, header) for file, header in headers.items()}
        return columns

    def _records(self, file: Path) -> Iterator[Record]:
        with _Refusing(self._dataset, file):
            yield from _READERS[self._dataset.format](file)

    def _batch(self, records: list[Record], file: Path, seen: _SeenColumns) -> pa.RecordBatch:
        row = self._csv_row if self._dataset.format == "csv" else self._json_row
        texts, errors, *columns = zip(*(row(record, seen) for record in records), strict=True)
        n = len(records)
        arrays = [
            pa.array(range(self._n_rows, self._n_rows + n), pa.int64()),
            pa.array([file.relative_to(self._base).as_posix()] * n, pa.string()),
            pa.array(texts, pa.string()),
            pa.array(errors, pa.string()),
            pa.array([self._absent.get(file)] * n, pa.list_(pa.string())),
        ]
        arrays += [pa.array(column, field.type) for column, field in zip(columns, self._fields, strict=True)]
        self._n_rows += n
        self._progress(self._n_rows)
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _csv_row(self, record: Record, seen: _SeenColumns) -> list[Any]:
        return [record.text, record.error, *(record.values.get(field.name) for field in self._fields)]

    def _json_row(self, record: Record, seen: _SeenColumns) -> list[Any]:
        row: list[Any] = [record.text, record.error]
        if record.error is None:
            seen.add(record)
        for field in self._fields:
            value = record.values.get(field.name)
            if value is not None:
                found = mismatch(value, field.type)
                if found is None and field.type == pa.json_():
                    try:
                        value = json_text(record, field.name)
                    except (ValueError, RecursionError) as error:
                        found = f"a value that cannot be written: {error}"
                if not seen.fits(field.name, found):
                    cause = f"column {field.name}: expected {self._dataset.columns[field.name]}, found {found}"
                    return [record.text, cause, *[None] * len(self._fields)]
            row.append(value)
        return row


class _SeenColumns:
    """Which columns the readable records of a file have, and whether their types fit the registry."""

    def __init__(self, dataset: Dataset, file: Path) -> None:
        self._dataset = dataset
        self._file = file
        self._n_readable = 0
        self._names: dict[str, None] = {}
        self._fitting: set[str] = set()
        self._misfits: dict[str, str] = {}

    def add(self, record: Record) -> None:
        self._n_readable += 1
        if len(self._names) < _NAMES_KEPT:
            self._names.update(dict.fromkeys(record.values))

    def fits(self, name: str, found: str | None) -> bool:
        if found is None:
            self._fitting.add(name)
        else:
            self._misfits.setdefault(name, found)
        return found is None

    def check(self) -> None:
        for name, expected in self._dataset.columns.items():
            if name in self._misfits and name not in self._fitting:
                cause = f"column {name}: expected {expected}, found {self._misfits[name]} and nothing that fits"
                raise SourceError(self._dataset.dataset, cause, self._file)
            if self._n_readable and name not in {*self._names, *self._dataset.optional}:
                raise SourceError(self._dataset.dataset, lacks(name, expected, self._names), self._file)


class _Refusing:
    """Turns what a reader raises into the SourceError of a dataset's file."""

    def __init__(self, dataset: Dataset, file: Path) -> None:
        self._dataset = dataset
        self._file = file

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, UnreadableFileError):
            raise SourceError(self._dataset.dataset, str(error), self._file) from None
        if isinstance(error, (OSError, EOFError, zlib.error)):
            raise SourceError(self._dataset.dataset, f"cut off or broken: {error}", self._file) from None


def _chunks(records: Iterable[Record]) -> Iterator[list[Record]]:
    chunk: list[Record] = []
    size = 0
    for record in records:
        chunk.append(record)
        size += len(record.text) if record.text is not None else sum(map(len, record.values.values()))
        if len(chunk) == BATCH_RECORDS or size >= BATCH_CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
