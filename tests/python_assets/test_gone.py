"""A dataset that is taken out of the registry leaves nothing behind, and takes nothing else along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from python_assets.sources.gone import remove_gone
from python_assets.sources.load import empty_table
from python_assets.sources.record import LOADED, Load, record
from python_assets.sources.registry import Dataset
from tests.python_assets.hub_cases import DATASET

OTHER = replace(DATASET, table="other_set", dataset="some/other")


def _relations(connection: duckdb.DuckDBPyConnection) -> set[str]:
    found = connection.sql("SELECT table_schema || '.' || table_name FROM information_schema.tables").fetchall()
    return {name for (name,) in found}


def _recorded(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for (name,) in connection.sql("SELECT raw_table FROM raw._loads ORDER BY ALL").fetchall()]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for dataset in (DATASET, OTHER):
            empty_table(connection, dataset)
            record(connection, dataset, Load(LOADED))
        connection.execute("CREATE SCHEMA staging")
        for table in ("some_set", "other_set"):
            for type_name in ("sft", "cot"):
                connection.execute(f"CREATE VIEW staging.stg_{type_name}__{table} AS SELECT * FROM raw.{table}")
        connection.execute("CREATE TABLE raw.notes (written VARCHAR)")
        connection.execute("CREATE VIEW staging.mine AS SELECT * FROM raw.notes")
        yield connection


def _feeding(dataset: Dataset, *types: str) -> Dataset:
    return replace(dataset, feeds=dict.fromkeys(types, 1))


def test_a_dataset_that_is_gone_leaves_no_table_no_view_and_no_record(connection: duckdb.DuckDBPyConnection) -> None:
    before = _relations(connection)
    removed = remove_gone(connection, [_feeding(DATASET, "sft", "cot")])
    assert removed == ["raw.other_set", "staging.stg_cot__other_set", "staging.stg_sft__other_set"]
    assert before - _relations(connection) == set(removed)
    assert _recorded(connection) == ["some_set"]


def test_a_type_that_a_dataset_feeds_no_more_loses_its_view_only(connection: duckdb.DuckDBPyConnection) -> None:
    removed = remove_gone(connection, [_feeding(DATASET, "sft"), _feeding(OTHER, "sft", "cot")])
    assert removed == ["staging.stg_cot__some_set"]
    assert _recorded(connection) == ["other_set", "some_set"]


def test_an_unchanged_registry_removes_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    before = _relations(connection)
    assert remove_gone(connection, [_feeding(dataset, "sft", "cot") for dataset in (DATASET, OTHER)]) == []
    assert _relations(connection) == before
