"""The first models of every type, built in memory out of their compiled SQL, beside the loader."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from python_assets.sources.load import empty_table
from python_assets.sources.registry import TYPES, Dataset, load_registry

REGISTRY = {dataset.table: dataset for dataset in load_registry()}
TABLES = ("extracted", "merged", "duplicates", "quarantine")

Rows = list[dict[str, Any]]


def views_of(warehouse: Path) -> dict[str, str]:
    """Return the SQL of a finished warehouse's staging views by their names."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        views = connection.sql("SELECT view_name, sql FROM duckdb_views() WHERE schema_name = 'staging'").fetchall()
    return {name: sql.split(" AS ", 1)[1].rstrip().rstrip(";") for name, sql in views}


def compiled_models(target: Path) -> dict[str, str]:
    """Return the SQL that dbt compiled, by the names of the models."""
    return {path.stem: path.read_text(encoding="utf-8") for path in target.glob("compiled/*/models/**/*.sql")}


@contextmanager
def warehouse_of(models: dict[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a warehouse in memory with empty raw tables and the staging views."""
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS warehouse")
        connection.execute("USE warehouse")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_external_file_cache = false")
        connection.execute("CREATE SCHEMA staging")
        connection.execute("CREATE SCHEMA intermediate")
        for dataset in REGISTRY.values():
            empty_table(connection, dataset)
        for name, sql in models.items():
            if name.startswith("stg_"):
                connection.execute(f"CREATE VIEW staging.{name} AS {sql}")
        yield connection


def staged(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> dict[str, Rows]:
    """Return what each staging model of a dataset makes of its raw table, in order of _row."""
    found = {}
    for type_name in dataset.feeds:
        relation = connection.sql(f"SELECT * FROM staging.stg_{type_name}__{dataset.table}")
        rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
        found[type_name] = sorted(rows, key=lambda row: row["_row"])
    return found


def types(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> list[str]:
    """Return the types of the columns of a dataset's staging models; the models of one type are united."""
    relations = (connection.sql(f"SELECT * FROM staging.stg_{name}__{dataset.table}") for name in dataset.feeds)
    return [str(data_type) for relation in relations for data_type in relation.types]


def build(connection: duckdb.DuckDBPyConnection, models: dict[str, str]) -> None:
    """Build the tables between the staging models and the model of texts."""
    for type_name in TYPES:
        for table in TABLES:
            name = f"int_{type_name}_{table}"
            connection.execute(f"CREATE OR REPLACE TABLE intermediate.{name} AS {models[name]}")


def outcomes(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> dict[str, Counter[str]]:
    """Count, by type, what became of a dataset's rows: merged, exact duplicate, or the reason of the quarantine."""
    found = {}
    for type_name in dataset.feeds:
        counts: Counter[str] = Counter()
        for table, what in (("merged", "'merged'"), ("duplicates", "'exact duplicate'"), ("quarantine", "reason")):
            query = f"SELECT {what}, count(*) FROM intermediate.int_{type_name}_{table} WHERE dataset = ? GROUP BY 1"
            counts.update(dict(connection.execute(query, [dataset.dataset]).fetchall()))
        found[type_name] = counts
    return found


def n_raw_rows(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> int:
    """Count a dataset's raw rows, which must be numbered without a gap."""
    rows = connection.sql(f'SELECT _row FROM raw."{dataset.table}" ORDER BY _row').fetchall()
    assert [row for (row,) in rows] == list(range(len(rows))), "the rows are not numbered 0, 1, 2, ..."
    return len(rows)


def save(models: dict[str, str], path: Path) -> None:
    """Keep the SQL of the models for another process."""
    path.write_text(json.dumps(models), encoding="utf-8")
