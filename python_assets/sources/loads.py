"""Loading the datasets one by one: whatever comes of one of them stops none of the others."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import duckdb

from python_assets.errors import SourceError
from python_assets.sources.found import Found, Listed, Source
from python_assets.sources.load import empty_table, load_dataset
from python_assets.sources.record import (
    IN_PART,
    LOADED,
    NOT_FOUND,
    OFF,
    REFUSED,
    Load,
    content_of_table,
    create_loads_table,
    forget_content,
    record,
)
from python_assets.sources.registry import Dataset
from python_assets.sources.selection import Selection
from python_assets.warehouse import quote, table_exists

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

# To be raised when the same files and settings would give another table.
_LOADER = 2


@dataclass(frozen=True)
class Missing:
    """Why there are no files to load: ``not found``, ``refused`` or ``off``."""

    status: str
    error: str | None = None


def obtain(dataset: Dataset, source: Source, selection: Selection) -> Found | Missing:
    """Get the files of a dataset, which may take long and needs no warehouse."""
    return _ask(source.find, dataset, selection)


def look(dataset: Dataset, source: Source, selection: Selection) -> Listed | Missing:
    """Say what `obtain` would get, without fetching anything."""
    return _ask(source.look, dataset, selection)


def _ask(of_source: Callable[[Dataset], Answer | None], dataset: Dataset, selection: Selection) -> Answer | Missing:
    if not selection.wants(dataset):
        return Missing(OFF)
    try:
        return of_source(dataset) or Missing(NOT_FOUND)
    except SourceError as error:
        return Missing(REFUSED, str(error))
    except OSError as error:
        return Missing(REFUSED, str(SourceError(dataset.dataset, str(error))))


def load_and_record(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    obtained: Found | Missing,
    *,
    max_rows: int | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> Load:
    """Load a dataset's files and record what came of it.

    A dataset that is not there, or is off, leaves an empty table; one that must be refused leaves
    its table as it was, and so does one whose files and settings are those of the table.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Open for writing.
    dataset : Dataset
    obtained : Found or Missing
        From `obtain`.
    max_rows : int, optional
        Load only so many rows, the first ones.
    progress : callable
        Called with the number of records read so far.
    """
    load = _load(connection, dataset, obtained, max_rows, progress)
    record(connection, dataset, load)
    if load.error:
        logger.error("refused %s", load.error)
    elif load.is_unchanged:
        logger.info("unchanged %s: %d rows are there, not loaded again", dataset.dataset, load.n_rows)
    elif load.status == IN_PART:
        logger.warning("%s: only the first %d rows are loaded, as max_rows says", dataset.dataset, load.n_rows)
    else:
        logger.info("%s %s: %d rows", load.status, dataset.dataset, load.n_rows)
    return load


def _load(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    obtained: Found | Missing,
    max_rows: int | None,
    progress: Callable[[int], None],
) -> Load:
    create_loads_table(connection)
    before = content_of_table(connection, dataset)
    if isinstance(obtained, Missing):
        if obtained.status == REFUSED:
            return _refused(connection, dataset, before, obtained.error)
        empty_table(connection, dataset)
        return Load(obtained.status)
    load = Load(LOADED, found=obtained, max_rows=max_rows, content=name_content(dataset, obtained, max_rows))
    if is_unchanged_table(connection, dataset, before, load.content):
        n_rows, n_unreadable = _count(connection, dataset)
        is_unchanged = True
    else:
        forget_content(connection, dataset)
        try:
            paths = [file.path for file in obtained.files]
            n_rows = load_dataset(connection, dataset, paths, obtained.base, progress, max_rows)
        except SourceError as error:
            return _refused(connection, dataset, before, str(error))
        except OSError as error:
            return _refused(connection, dataset, before, str(SourceError(dataset.dataset, str(error))))
        n_unreadable = _count(connection, dataset)[1]
        is_unchanged = False
    status = IN_PART if n_rows == max_rows else LOADED
    return replace(load, status=status, n_rows=n_rows, n_unreadable=n_unreadable, is_unchanged=is_unchanged)


def _refused(connection: duckdb.DuckDBPyConnection, dataset: Dataset, before: Load, error: str | None) -> Load:
    n_rows, n_unreadable = _count(connection, dataset)
    return replace(before, status=REFUSED, n_rows=n_rows, n_unreadable=n_unreadable, error=error)


def name_content(dataset: Dataset, found: Found, max_rows: int | None) -> str:
    """Name what a table of these files holds by all that decides it."""
    decides = {
        "loader": _LOADER,
        "format": dataset.format,
        "columns": list(dataset.columns.items()),
        "optional": sorted(dataset.optional),
        "max_rows": max_rows,
        "files": [(file.name, file.n_bytes, file.identity) for file in found.files],
    }
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


def is_unchanged_table(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, before: Load, content: str | None
) -> bool:
    """Tell whether the raw table holds that content already, as its last load recorded it; nothing is changed."""
    if content != before.content or not table_exists(connection, "raw", dataset.table):
        return False
    return _count(connection, dataset)[0] == before.n_rows


def _count(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> tuple[int, int]:
    if not table_exists(connection, "raw", dataset.table):
        empty_table(connection, dataset)
    row = connection.sql(f"SELECT count(*), count(_error) FROM raw.{quote(dataset.table)}").fetchall()[0]
    return int(row[0]), int(row[1])
