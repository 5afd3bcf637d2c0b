"""Datasets that the registry no longer names, and what an earlier run made of them."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import duckdb

from python_assets.sources.columns import RESERVED
from python_assets.sources.record import create_loads_table
from python_assets.sources.registry import Dataset
from python_assets.warehouse import quote

logger = logging.getLogger(__name__)


def remove_gone(connection: duckdb.DuckDBPyConnection, registry: Iterable[Dataset]) -> list[str]:
    """
    Remove the raw tables, the records of loads and the staging views that belong to no dataset of the registry.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Open for writing.
    registry : iterable of Dataset

    Returns
    -------
    list of str
        ``schema.name`` of what was removed, sorted.

    Notes
    -----
    A raw table is known by its reserved columns, a staging view by its name. Files stay where they are, and so does
    any other table.
    """
    datasets = list(registry)
    tables = {dataset.table for dataset in datasets}
    views = {f"stg_{type_name}__{dataset.table}" for dataset in datasets for type_name in dataset.feeds}
    gone_tables = [name for name in _raw_tables(connection) if name not in tables]
    gone_views = [name for name in _staging_views(connection) if name not in views]
    create_loads_table(connection)
    connection.execute("BEGIN")
    for name in gone_views:
        connection.execute(f"DROP VIEW staging.{quote(name)}")
    for name in gone_tables:
        connection.execute(f"DROP TABLE raw.{quote(name)}")
    connection.execute("DELETE FROM raw._loads WHERE NOT list_contains(?, raw_table)", [sorted(tables)])
    connection.execute("COMMIT")
    removed = sorted([f"raw.{name}" for name in gone_tables] + [f"staging.{name}" for name in gone_views])
    for relation in removed:
        logger.info("removed %s: the registry has no such dataset any more", relation)
    return removed


def _raw_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "SELECT table_name FROM duckdb_columns() WHERE schema_name = 'raw' AND database_name = current_database() "
        "GROUP BY table_name HAVING list_has_all(list(column_name), ?)",
        [list(RESERVED)],
    )
    return [name for (name,) in found.fetchall()]


def _staging_views(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE schema_name = 'staging' AND database_name = current_database() "
        "AND starts_with(view_name, 'stg_')"
    )
    return [name for (name,) in found.fetchall()]
