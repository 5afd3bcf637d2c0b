"""The registry: which datasets there are, where they live and which types they feed.

It is the `sources` section of ``dbt_project/models/staging/<type>/_<type>__sources.yml``, read
as plain YAML, so that dbt and Python share one place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from python_assets.errors import RegistryError
from python_assets.sources.columns import can_be_stored

TYPES = ("prompt", "sft", "cot", "preference")
FORMATS = ("csv", "json", "jsonl", "parquet")
TRAINING_SPLIT = "train"
_TABLE_NAME = re.compile("[a-z][a-z0-9_]*")

DBT_PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"


@dataclass(frozen=True)
class Dataset:
    """One entry of the registry.

    Attributes
    ----------
    table : str
        Name of its table in the schema ``raw``.
    dataset : str
        Its name in ids and statistics: ``repo[/config][/split]``.
    repo, revision, config, split : str
        Where it lives on the Hub.
    format : str
        File format, one of `FORMATS`; ``json`` is one array in a file, or one object a line.
    files : tuple of str
        Glob patterns below the repository's root.
    licence : str
    gated : bool
    feeds : mapping of str to int
        The types it feeds, each with its ordinal: the place of the dataset in that type.
    columns : mapping of str to str
        The raw columns that its staging models need, with their DuckDB types; ``JSON`` stands for
        any type.
    description : str
    optional : frozenset of str
        The columns that the files may lack.
    non_commercial : bool
        Whether the licence, or that of a part, forbids commercial use.
    no_redistribution : bool
        Whether the terms forbid passing the rows on.
    size_bytes, rows : int or None
        About how large it is on the Hub, for expectations only; None where that is not known.
    is_training : bool
        False for a split beside a training split, such as validation; it is loaded on demand only.
    """

    table: str
    dataset: str
    repo: str
    revision: str
    config: str
    split: str
    format: str
    files: tuple[str, ...]
    licence: str
    gated: bool
    feeds: Mapping[str, int]
    columns: Mapping[str, str]
    description: str
    optional: frozenset[str] = frozenset()
    non_commercial: bool = False
    no_redistribution: bool = False
    size_bytes: int | None = None
    rows: int | None = None
    is_training: bool = True


def load_registry(dbt_project_dir: Path = DBT_PROJECT_DIR) -> list[Dataset]:
    """Read every entry of the registry, in the order of files and entries.

    Raises
    ------
    RegistryError
        An entry lacks a field, names an unknown type or format, or a table, column or column type
        that SQL would not read as such, or two entries share a table, a name, or an ordinal within
        a type.
    """
    datasets = [
        _parse(table, path)
        for path in sorted((dbt_project_dir / "models" / "staging").glob("*/_*__sources.yml"))
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
        if source["name"] == "raw"
        for table in source["tables"]
    ]
    _refuse_clashes("table", [d.table for d in datasets])
    _refuse_clashes("dataset", [d.dataset for d in datasets])
    _refuse_clashes("ordinal", [f"{t} {n}" for d in datasets for t, n in d.feeds.items()])
    return _with_training_splits(datasets)


def _with_training_splits(datasets: list[Dataset]) -> list[Dataset]:
    """Mark the splits beside a training split: one named train, or train and more (``train_prefs``)."""
    trained = {(d.repo, d.config) for d in datasets if d.split.startswith(TRAINING_SPLIT)}
    return [
        replace(d, is_training=d.split.startswith(TRAINING_SPLIT) or (d.repo, d.config) not in trained)
        for d in datasets
    ]


def _parse(table: Mapping[str, Any], path: Path) -> Dataset:
    name = table["name"]
    try:
        meta = table["config"]["meta"]
        entry = Dataset(
            table=name,
            dataset=meta["dataset"],
            repo=meta["repo"],
            revision=str(meta["revision"]),
            config=meta["config"],
            split=meta["split"],
            format=meta["format"],
            files=tuple(meta["files"]),
            licence=meta["licence"],
            gated=bool(meta["gated"]),
            feeds={feed["type"]: int(feed["ordinal"]) for feed in meta["feeds"]},
            columns={column["name"]: column["data_type"] for column in table["columns"]},
            description=" ".join(table["description"].split()),
            non_commercial=bool(meta.get("non_commercial", False)),
            no_redistribution=bool(meta.get("no_redistribution", False)),
            size_bytes=meta.get("size_bytes"),
            rows=meta.get("rows"),
            optional=frozenset(column["name"] for column in table["columns"] if _is_optional(column)),
        )
    except KeyError as error:
        raise RegistryError(f"{path}: entry {name} lacks the field {error}") from None
    _refuse_unsafe_names(entry, path)
    if entry.format not in FORMATS:
        raise RegistryError(f"{path}: {name}: unknown format {entry.format!r}, not in {FORMATS}")
    if unknown := set(entry.feeds) - set(TYPES):
        raise RegistryError(f"{path}: {name}: unknown type {sorted(unknown)}, not in {TYPES}")
    return entry


def _refuse_unsafe_names(entry: Dataset, path: Path) -> None:
    """Refuse names and types that SQL would not read as such; dbt writes them into its statements as they are."""
    if not _TABLE_NAME.fullmatch(entry.table):
        raise RegistryError(f"{path}: {entry.table!r} is no name for a table: use lower-case letters, digits and _")
    for name, data_type in entry.columns.items():
        if not name or name.startswith("_") or not name.isprintable() or '"' in name:
            raise RegistryError(
                f"{path}: {entry.table}: {name!r} is no name for a column here; those that start with _ are taken"
            )
        if not can_be_stored(name, data_type):
            raise RegistryError(f"{path}: {entry.table}: column {name}: {data_type!r} is no type of DuckDB")


def _is_optional(column: Mapping[str, Any]) -> bool:
    return bool(column.get("config", {}).get("meta", {}).get("optional"))


def _refuse_clashes(what: str, values: list[str]) -> None:
    if clashes := [value for value, count in Counter(values).items() if count > 1]:
        raise RegistryError(f"the registry uses the same {what} twice: {', '.join(clashes)}")
