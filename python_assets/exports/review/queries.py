"""Queries about one type, and their results as plain Python values."""

from __future__ import annotations

from typing import Any

import duckdb

Record = dict[str, Any]


class TypeQueries:
    """Queries in which `$type` stands for the type.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Open on the warehouse; read-only will do.
    type_name : str
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, type_name: str) -> None:
        self._connection = connection
        self._type = type_name

    def _run(self, query: str, **values: Any) -> duckdb.DuckDBPyConnection:
        named = {"type": self._type, **values}
        return self._connection.execute(query, {name: value for name, value in named.items() if f"${name}" in query})

    def _records(self, query: str, **values: Any) -> list[Record]:
        return list(self._run(query, **values).to_arrow_table().to_pylist())

    def _record(self, query: str, **values: Any) -> Record:
        return self._records(query, **values)[0]

    def _columns(self, query: str) -> Record:
        return dict(self._run(query).to_arrow_table().to_pydict())
