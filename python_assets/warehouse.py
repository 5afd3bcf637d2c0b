"""The one door to the warehouse file: who may open it, and who has to wait."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from python_assets.errors import WarehouseBusyError
from python_assets.memory import duckdb_memory_limit

logger = logging.getLogger(__name__)

LOCK_WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.5
_HOLDER = re.compile(r"Conflicting lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")


def warehouse_path(warehouse_dir: Path) -> Path:
    """Path of the DuckDB file inside a warehouse directory."""
    return warehouse_dir / "warehouse.duckdb"


def quote(identifier: str) -> str:
    """Quote an SQL identifier, embedded quotes included."""
    return '"' + identifier.replace('"', '""') + '"'


@contextmanager
def connect(
    path: Path, *, read_only: bool = False, wait_seconds: float = LOCK_WAIT_SECONDS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse and close it again, whatever happens in between.

    Parameters
    ----------
    path : Path
        The DuckDB file.
    read_only : bool
        Several readers may hold the file at once; a writer holds it alone.
    wait_seconds : float
        How long to wait for another process that holds the file.

    Raises
    ------
    WarehouseBusyError
        Another process still holds the file when the time is up. The message names it.
    """
    connection = _open(path, read_only, wait_seconds)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        # It tells a file from an earlier one by its size and the second in which it was written.
        connection.execute("SET enable_external_file_cache = false")
        yield connection
    finally:
        connection.close()


def wait_until_free(path: Path, *, wait_seconds: float = LOCK_WAIT_SECONDS) -> None:
    """Wait until the file can be written to, for programs that open it by themselves."""
    _open(path, False, wait_seconds).close()


def _open(path: Path, read_only: bool, wait_seconds: float) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + wait_seconds
    told = False
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only, config={"memory_limit": duckdb_memory_limit()})
        except duckdb.IOException as error:
            holder = _holder(str(error))
            if holder is None:
                raise
            if time.monotonic() >= deadline:
                raise WarehouseBusyError(path, holder, wait_seconds) from None
            if not told:
                logger.warning("%s is held by %s; waiting up to %.0f s", path, holder, wait_seconds)
                told = True
            time.sleep(_POLL_SECONDS)


def _holder(message: str) -> str | None:
    match = _HOLDER.search(message)
    return f"{match['program']} (process {match['pid']})" if match else None


def table_exists(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    """Tell whether there is a table or view of that name."""
    return _kind(connection, schema, name) is not None


def replace_view(connection: duckdb.DuckDBPyConnection, schema: str, name: str, query: str) -> None:
    """Create a view, in place of the table or view of that name."""
    with _replacing(connection, schema, name):
        connection.execute(f"CREATE VIEW {quote(schema)}.{quote(name)} AS {query}")


def replace_table(connection: duckdb.DuckDBPyConnection, schema: str, name: str, table: pa.Table) -> None:
    """Create a table from Arrow data, in place of the table or view of that name."""
    replace_tables(connection, schema, {name: table})


def replace_tables(connection: duckdb.DuckDBPyConnection, schema: str, tables: Mapping[str, pa.Table]) -> None:
    """Create tables that belong together from Arrow data: all of them take the place of the earlier ones, or none."""
    with _replacing(connection, schema, *tables):
        for name, table in tables.items():
            connection.register("incoming_table", table)
            connection.execute(f"CREATE TABLE {quote(schema)}.{quote(name)} AS SELECT * FROM incoming_table")
            connection.unregister("incoming_table")


@contextmanager
def _replacing(connection: duckdb.DuckDBPyConnection, schema: str, *names: str) -> Iterator[None]:
    kinds = {name: _kind(connection, schema, name) for name in names}
    connection.execute("BEGIN")
    try:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}")
        for name, kind in kinds.items():
            if kind:
                connection.execute(f"DROP {kind} {quote(schema)}.{quote(name)}")
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _kind(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> str | None:
    found = connection.execute(
        "SELECT table_type FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
        [schema, name],
    ).fetchone()
    return None if found is None else ("VIEW" if found[0] == "VIEW" else "TABLE")
