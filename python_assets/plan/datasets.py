"""What a run would make of each dataset."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import duckdb
import pyarrow.parquet as pq

from python_assets.errors import SourceError
from python_assets.exports.made_from import describe_dataset
from python_assets.plan.request import Request
from python_assets.sources.found import Found, Listed, SourceFile
from python_assets.sources.load import check_columns
from python_assets.sources.loads import Missing, is_unchanged_table, look, name_content
from python_assets.sources.record import NOT_FOUND, OFF, REFUSED, Load, content_of_table
from python_assets.sources.registry import Dataset
from python_assets.warehouse import quote, table_exists

NEW, UNCHANGED, CHANGED, EMPTIED = "new", "unchanged", "changed", "to be emptied"
LISTED_AT_ONCE = 4


@dataclass(frozen=True)
class DatasetPlan:
    """What a run would make of a dataset.

    Attributes
    ----------
    dataset : Dataset
    change : str
        new, unchanged, changed, to be emptied, off, not found or refused.
    why : str
    n_rows : int
        Of its raw table after the run.
    is_about : bool
        Whether the rows are estimated.
    n_bytes : int
        Of its files.
    n_bytes_to_fetch : int
    described : dict or None
        What ``made_from.json`` would say of it; None where it would have no row.
    """

    dataset: Dataset
    change: str
    why: str = ""
    n_rows: int = 0
    is_about: bool = False
    n_bytes: int = 0
    n_bytes_to_fetch: int = 0
    described: dict[str, Any] | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether the run loads it."""
        return self.change in (NEW, CHANGED)

    @property
    def changes_rows(self) -> bool:
        """Whether its raw table has other rows after the run."""
        return self.is_loaded or self.change == EMPTIED


def plan_datasets(
    connection: duckdb.DuckDBPyConnection, datasets: Sequence[Dataset], request: Request
) -> list[DatasetPlan]:
    """Say what a run would make of each dataset; the Hub is asked for lists of files only.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Read-only on the warehouse, or on an empty one.
    datasets : sequence of Dataset
    request : Request
    """
    with ThreadPoolExecutor(LISTED_AT_ONCE) as pool:
        answers = list(pool.map(partial(look, source=request.source, selection=request.selection), datasets))
    return [
        _plan(connection, dataset, answer, request.selection.max_rows)
        for dataset, answer in zip(datasets, answers, strict=True)
    ]


def _plan(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, answer: Listed | Missing, max_rows: int | None
) -> DatasetPlan:
    before = content_of_table(connection, dataset)
    n_rows = _n_rows(connection, dataset)
    if isinstance(answer, Missing):
        if answer.status == REFUSED:
            return _refused(dataset, before, n_rows, answer.error or "")
        if n_rows:
            return DatasetPlan(dataset, EMPTIED, f"{answer.status}, but its table has {n_rows:,} rows")
        return DatasetPlan(dataset, answer.status)
    found, n_bytes = answer.found, sum(file.n_bytes for file in answer.found.files)
    if is_unchanged_table(connection, dataset, before, name_content(dataset, found, max_rows)):
        described = _described(dataset, before, found, n_rows)
        return DatasetPlan(
            dataset, UNCHANGED, "", n_rows, False, n_bytes, answer.n_bytes_to_fetch, described if n_rows else None
        )
    try:
        here = [file.path for file in found.files if _is_here(file)]
        check_columns(connection, dataset, here, found.base)
        to_load, is_about = _rows_to_load(dataset, answer, before)
    except SourceError as error:
        return _refused(dataset, before, n_rows, str(error))
    if max_rows is not None:
        to_load, is_about = min(to_load, max_rows), is_about and to_load < max_rows
    return DatasetPlan(
        dataset,
        CHANGED if n_rows else NEW,
        _why(before, found, max_rows) if n_rows else "",
        to_load,
        is_about,
        n_bytes,
        answer.n_bytes_to_fetch,
        describe_dataset(dataset, commit=found.commit, n_rows=to_load, max_rows=max_rows, files=found.files),
    )


def _refused(dataset: Dataset, before: Load, n_rows: int, why: str) -> DatasetPlan:
    described = _described(dataset, before, before.found, n_rows) if n_rows else None
    cause = why.removeprefix(f"{dataset.dataset}: ")
    return DatasetPlan(dataset, REFUSED, cause, n_rows, described=described)


def _described(dataset: Dataset, before: Load, found: Found | None, n_rows: int) -> dict[str, Any]:
    return describe_dataset(
        dataset,
        commit=found.commit if found else None,
        n_rows=n_rows,
        max_rows=before.max_rows,
        files=found.files if found else (),
    )


def _n_rows(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> int:
    if not table_exists(connection, "raw", dataset.table):
        return 0
    return int(connection.sql(f"SELECT count(*) FROM raw.{quote(dataset.table)}").fetchall()[0][0])


def _rows_to_load(dataset: Dataset, listed: Listed, before: Load) -> tuple[int, bool]:
    """Return how many rows the files have, and whether that is estimated."""
    files = listed.found.files
    if dataset.format == "parquet" and all(_is_here(file) for file in files):
        return sum(pq.read_metadata(file.path).num_rows for file in files), False
    n_bytes = sum(file.n_bytes for file in files)
    known = sum(file.n_bytes for file in before.found.files) if before.found else 0
    if known and before.n_rows and before.max_rows is None:
        return round(before.n_rows * n_bytes / known), True
    if dataset.rows and (listed.n_bytes_to_fetch or n_bytes > dataset.rows * _SHORTEST_ROW_BYTES):
        return dataset.rows, True
    return max(1, round(n_bytes / bytes_per_row(dataset))), True


def bytes_per_row(dataset: Dataset) -> float:
    """Return about how many bytes of its files a row takes."""
    if dataset.size_bytes and dataset.rows:
        return dataset.size_bytes / dataset.rows
    return _ROW_BYTES


# The mean of the registry's datasets whose sizes are known.
_ROW_BYTES = 3_000
# Files with fewer bytes than that for each of the registry's rows are a part of the dataset.
_SHORTEST_ROW_BYTES = 50


def _is_here(file: SourceFile) -> bool:
    return file.path.is_file() and file.path.stat().st_size == file.n_bytes


def _why(before: Load, found: Found, max_rows: int | None) -> str:
    """Name the first thing that decides what the table holds and is another one now."""
    if before.content is None or before.found is None:
        return "what its table holds is not recorded"
    if before.max_rows != max_rows:
        return f"max_rows {_limit(before.max_rows)} -> {_limit(max_rows)}"
    earlier = {file.name: file for file in before.found.files}
    now = {file.name: file for file in found.files}
    if earlier.keys() != now.keys():
        added, gone = sorted(now.keys() - earlier.keys()), sorted(earlier.keys() - now.keys())
        return ", ".join([*(f"new file {name}" for name in added[:1]), *(f"without {name}" for name in gone[:1])])
    moved = _moved(before.found.commit, found.commit)
    for name, file in now.items():
        if (file.n_bytes, file.sha256) != (earlier[name].n_bytes, earlier[name].sha256):
            return f"other content of {name}{moved}"
    if any(file.sha256 is None for file in found.files):
        return "files written again, or read from another place"
    return "another loader, or other columns in the registry"


def _moved(before: str | None, now: str | None) -> str:
    return f" (revision {before[:12]} -> {now[:12]})" if before and now and before != now else ""


def _limit(max_rows: int | None) -> str:
    return "all" if max_rows is None else f"{max_rows:,}"


__all__ = ["CHANGED", "EMPTIED", "NEW", "NOT_FOUND", "OFF", "REFUSED", "UNCHANGED", "DatasetPlan", "plan_datasets"]
