"""The record of the last load of each dataset, the table ``raw._loads``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import duckdb

from python_assets.sources.found import Found, SourceFile
from python_assets.sources.registry import Dataset

LOADED = "loaded"
IN_PART = "loaded in part"
NOT_FOUND = "not found"
REFUSED = "refused"
OFF = "off"

_FILES = 'STRUCT("name" VARCHAR, bytes BIGINT, sha256 VARCHAR)[]'
_COLUMNS = {
    "raw_table": "VARCHAR",
    "dataset": "VARCHAR",
    "status": "VARCHAR",
    "error": "VARCHAR",
    "revision": "VARCHAR",
    "files": _FILES,
    "n_rows": "BIGINT",
    "commit_hash": "VARCHAR",
    "fetched_at": "TIMESTAMP",
    "max_rows": "BIGINT",
    "content": "VARCHAR",
}


@dataclass(frozen=True)
class Load:
    """What came of loading one dataset.

    Attributes
    ----------
    status : str
        ``loaded``, ``loaded in part``, ``not found``, ``refused`` or ``off``.
    n_rows : int
        Rows of the raw table now.
    n_unreadable : int
        Those of them that are broken records.
    error : str or None
        Why the dataset was refused; the raw table is then the one from before.
    found : Found or None
        The files that the raw table holds.
    max_rows : int or None
        The limit under which it was loaded.
    content : str or None
        A name of what the raw table holds: other files or settings give another.
    is_unchanged : bool
        Whether the table held that already.
    """

    status: str
    n_rows: int = 0
    n_unreadable: int = 0
    error: str | None = None
    found: Found | None = None
    max_rows: int | None = None
    content: str | None = None
    is_unchanged: bool = False


def create_loads_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty record of loads where there is none, or one of an earlier make."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
    found = _columns(connection)
    definition = ", ".join(f"{name} {data_type}" for name, data_type in _COLUMNS.items())
    if not found:
        connection.execute(f"CREATE TABLE raw._loads ({definition})")
    elif found != _COLUMNS:
        connection.execute("BEGIN")
        connection.execute("ALTER TABLE raw._loads RENAME TO _earlier_loads")
        connection.execute(f"CREATE TABLE raw._loads ({definition})")
        connection.execute(
            "INSERT INTO raw._loads BY NAME "
            "SELECT raw_table, dataset, status, error, revision, n_rows FROM raw._earlier_loads"
        )
        connection.execute("DROP TABLE raw._earlier_loads")
        connection.execute("COMMIT")


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(
        connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = 'raw' AND table_name = '_loads'"
        ).fetchall()
    )


def content_of_table(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> Load:
    """Return what the raw table of a dataset holds, as its last load recorded it; nothing is changed.

    A record of an earlier make does not say it, and counts as none.
    """
    if _columns(connection) != _COLUMNS:
        return Load(NOT_FOUND)
    row = connection.execute(
        "SELECT status, n_rows, files, commit_hash, fetched_at, max_rows, content FROM raw._loads WHERE raw_table = ?",
        [dataset.table],
    ).fetchone()
    if row is None:
        return Load(NOT_FOUND)
    status, n_rows, files, commit, fetched_at, max_rows, content = row
    recorded = (SourceFile(Path(f["name"]), f["name"], f["bytes"], 0, f["sha256"]) for f in files or [])
    found = Found(Path(), tuple(recorded), commit, fetched_at.replace(tzinfo=UTC) if fetched_at else None)
    return Load(status, n_rows, found=found, max_rows=max_rows, content=content)


def forget_content(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Let the record not say what the raw table holds, for as long as that may change."""
    connection.execute("UPDATE raw._loads SET content = NULL WHERE raw_table = ?", [dataset.table])


def record(connection: duckdb.DuckDBPyConnection, dataset: Dataset, load: Load) -> None:
    """Replace the record of a dataset's last load."""
    create_loads_table(connection)
    found = load.found
    files = [{"name": file.name, "bytes": file.n_bytes, "sha256": file.sha256} for file in found.files] if found else []
    values = {
        "raw_table": dataset.table,
        "dataset": dataset.dataset,
        "status": load.status,
        "error": load.error,
        "revision": dataset.revision,
        "files": files,
        "n_rows": load.n_rows,
        "commit_hash": found.commit if found else None,
        "fetched_at": found.fetched_at.astimezone(UTC).replace(tzinfo=None) if found and found.fetched_at else None,
        "max_rows": load.max_rows,
        "content": load.content,
    }
    connection.execute("BEGIN")
    connection.execute("DELETE FROM raw._loads WHERE raw_table = ?", [dataset.table])
    connection.execute(
        f"INSERT INTO raw._loads ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
    )
    connection.execute("COMMIT")
