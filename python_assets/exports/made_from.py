"""What a folder of outputs was made from, ``made_from.json``: settings, datasets and merged rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from python_assets.exports.files import FOLDER
from python_assets.files import write_aside
from python_assets.sources.found import SourceFile
from python_assets.sources.record import content_of_table
from python_assets.sources.registry import Dataset
from python_assets.warehouse import table_exists

NAME = "made_from.json"
# Settings by which rows are merged before they are embedded; the others decide what becomes of merged rows.
ROW_SETTINGS = ("text", "exact_key", "survivor_policy", "source_priority")

MadeFrom = dict[str, Any]


def describe(
    type_name: str, settings: dict[str, Any], datasets: Sequence[dict[str, Any]], merged_rows: dict[str, Any] | None
) -> MadeFrom:
    """Return the content of ``made_from.json``; it has no time and no absolute path."""
    return {"type": type_name, "settings": settings, "datasets": list(datasets), "merged_rows": merged_rows}


def describe_dataset(
    dataset: Dataset, *, commit: str | None, n_rows: int, max_rows: int | None, files: Iterable[SourceFile]
) -> dict[str, Any]:
    """Return what is said of a dataset.

    Parameters
    ----------
    dataset : Dataset
    commit : str or None
        None where nobody recorded it.
    n_rows : int
        Of its raw table.
    max_rows : int or None
        The limit under which it was loaded.
    files : iterable of SourceFile
    """
    return {
        "dataset": dataset.dataset,
        "repo": dataset.repo,
        "revision": dataset.revision,
        "commit": commit,
        "licence": dataset.licence,
        "non_commercial": dataset.non_commercial,
        "no_redistribution": dataset.no_redistribution,
        "n_rows": n_rows,
        "max_rows": max_rows,
        "files": [{"name": file.name, "bytes": file.n_bytes, "sha256": file.sha256} for file in files],
    }


def loaded_datasets(
    connection: duckdb.DuckDBPyConnection, type_name: str, registry: Iterable[Dataset]
) -> list[dict[str, Any]]:
    """Return what is said of the datasets of a type whose raw tables hold rows, in the order of their ordinals."""
    feeding = sorted((d for d in registry if type_name in d.feeds), key=lambda d: d.feeds[type_name])
    loads = ((dataset, content_of_table(connection, dataset)) for dataset in feeding)
    return [
        describe_dataset(
            dataset,
            commit=load.found.commit if load.found else None,
            n_rows=load.n_rows,
            max_rows=load.max_rows,
            files=load.found.files if load.found else (),
        )
        for dataset, load in loads
        if load.n_rows
    ]


def describe_merged_rows(connection: duckdb.DuckDBPyConnection, type_name: str) -> dict[str, Any] | None:
    """Return the number of a type's merged rows and a fingerprint of them, None where there is no such table.

    Notes
    -----
    The fingerprint adds up the two halves of each row's md5, so that the order of rows does not matter: 32
    hexadecimal digits, the same in every version of DuckDB.
    """
    if not table_exists(connection, "intermediate", f"int_{type_name}_merged"):
        return None
    n_rows, upper, lower = connection.sql(
        f"""
        WITH hashed AS (
            SELECT md5(concat_ws(' ', source_prompt_id, exact_key, coalesce(hex(solution_key), '-'))) AS of_row
            FROM intermediate.int_{type_name}_merged
        )
        SELECT
            count(*),
            sum(('0x' || of_row[:16])::UBIGINT::HUGEINT),
            sum(('0x' || of_row[17:])::UBIGINT::HUGEINT)
        FROM hashed
        """
    ).fetchall()[0]
    halves = (int(half or 0) % 2**64 for half in (upper, lower))
    return {"n_rows": n_rows, "fingerprint": "".join(f"{half:016x}" for half in halves)}


def describe_settings(
    connection: duckdb.DuckDBPyConnection, type_name: str, settings: dict[str, Any]
) -> dict[str, Any]:
    """Return the settings of a run, with those in their place that the type's tables were made with.

    A step that is run alone, with other settings, must not say that its files were made with these.
    """
    labelled = _first(connection, "ml", f"{type_name}_clusters", "eps, metric, min_samples")
    reach = _first(connection, "ml", f"{type_name}_forest_points", "eps_max")
    # Of a row without a solution one cannot tell whether it was compared with it.
    keys = _first(
        connection, "intermediate", f"int_{type_name}_merged",
        """
        CASE WHEN exact_key = sha256(prompt) THEN 'prompt' ELSE 'prompt_solution' END AS exact_key,
        CASE WHEN text_key = sha256(prompt) THEN 'prompt' ELSE 'prompt_solution' END AS "text"
        """,
        "WHERE solution_chars > 0",
    )  # fmt: skip
    return {**settings, **labelled, **reach, **keys, **_benchmarks(connection)}


def forget_made_from(directory: Path) -> None:
    """Remove the file before another one of the directory is written: what is left unfinished has none."""
    (directory / NAME).unlink(missing_ok=True)


def write_made_from(directory: Path, content: MadeFrom) -> None:
    """Write the file, when all others of the directory are written."""
    with write_aside(directory / NAME) as aside:
        aside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_made_from(directory: Path) -> MadeFrom | None:
    """Return what a directory was made from, None where that is not written or cannot be read."""
    try:
        content = json.loads((directory / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_ours = isinstance(content, dict) and content.keys() == {"type", "settings", "datasets", "merged_rows"}
    return content if is_ours else None


def made_from_other_rows(outputs: Path, type_name: str, merged_rows: dict[str, Any] | None) -> list[Path]:
    """Return the type's folders of any eps whose files were made from other merged rows than the given ones."""
    folders = sorted((outputs / f"{type_name}_all").glob(f"{FOLDER}*"))
    known = ((folder, read_made_from(folder)) for folder in folders)
    return [folder for folder, content in known if content and content["merged_rows"] != merged_rows]


def _benchmarks(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    if not table_exists(connection, "ml", "benchmark_items"):
        return {}
    rows = connection.sql("SELECT DISTINCT benchmark, origin FROM ml.benchmark_items ORDER BY 1").fetchall()
    return {"benchmarks": dict(rows)}


def _first(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, columns: str, condition: str = ""
) -> dict[str, Any]:
    if not table_exists(connection, schema, table):
        return {}
    rows = connection.sql(f"SELECT {columns} FROM {schema}.{table} {condition} LIMIT 1").to_arrow_table().to_pylist()
    return rows[0] if rows else {}
