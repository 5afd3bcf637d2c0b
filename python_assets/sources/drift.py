"""What changed in the files of a dataset: columns that are missing, renamed, new, or of another type."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from python_assets.errors import SourceError
from python_assets.sources.columns import RESERVED, can_be_stored, common_type, satisfies
from python_assets.sources.registry import Dataset

_NAMES_SHOWN = 40


def unite(dataset: Dataset, schemas: Mapping[Path, Mapping[str, Any]]) -> dict[str, str]:
    """Return all columns of a dataset's files with the DuckDB types that hold the values of each file.

    The columns that every file has come first, in their order; those that most files lack come last.

    Parameters
    ----------
    dataset : Dataset
    schemas : mapping of Path to mapping of str to duckdb.sqltypes.DuckDBPyType
        The columns of each file; None stands for a type that fits any, that of nothing but nulls.

    Raises
    ------
    SourceError
        A file does not satisfy the registry, or two files do not agree on a column.
    """
    united: dict[str, Any] = {}
    first: dict[str, tuple[str, Path]] = {}
    for file, columns in schemas.items():
        _check_columns(dataset, file, columns)
        for name, found in columns.items():
            other_name, other_file = first.setdefault(name.lower(), (name, file))
            if other_name != name:
                cause = f"column {name} is called {other_name} in {other_file.name}"
                raise SourceError(dataset.dataset, cause, file)
            other = united.get(name)
            united[name] = common_type(other, found)
            if united[name] is None and found is not None:
                cause = f"column {name}: found {found}, but {other} in {other_file.name}"
                raise SourceError(dataset.dataset, cause, file)
    for name in dataset.columns:
        united.setdefault(name, None)
    lacking = Counter({name: sum(name not in columns for columns in schemas.values()) for name in united})
    return {
        name: str(united[name] or dataset.columns.get(name, "VARCHAR"))
        for name in sorted(united, key=lambda name: lacking[name])
    }


def absent(united: Iterable[str], found: Iterable[str]) -> list[str] | None:
    """Return the columns that a file lacks, in their order, or None where there are none."""
    present = set(found)
    return [name for name in united if name not in present] or None


def _check_columns(dataset: Dataset, file: Path, found: Mapping[str, Any]) -> None:
    lower = {name.lower() for name in found}
    if clash := lower & {*RESERVED, "file_row_number"}:
        raise SourceError(dataset.dataset, f"uses the reserved column {sorted(clash)[0]}", file)
    for name, data_type in found.items():
        if not can_be_stored(name, data_type):
            raise SourceError(dataset.dataset, f"column {name!r} ({data_type}): no table can hold such a name", file)
    for name, expected in dataset.columns.items():
        if name not in found:
            if name not in dataset.optional or name.lower() in lower:
                raise SourceError(dataset.dataset, lacks(name, expected, list(found)), file)
        elif found[name] is not None and not satisfies(found[name], duckdb.type(expected)):
            raise SourceError(dataset.dataset, f"column {name}: expected {expected}, found {found[name]}", file)


def lacks(name: str, expected: str, found: Iterable[str]) -> str:
    """Say that a column is missing, what is there instead, and which of that comes close."""
    names = list(found)
    shown = ", ".join(names[:_NAMES_SHOWN]) + (", ..." if len(names) > _NAMES_SHOWN else "")
    message = f"lacks the column {name} ({expected}); found {shown or 'none'}"
    if alike := [other for other in names if other.lower() == name.lower()]:
        return f"{message}; {alike[0]} differs only in case"
    if alike := difflib.get_close_matches(name, names, 1):
        return f"{message}; was {alike[0]} meant?"
    return message
