"""What a run left behind, in a form in which two runs can be compared: tables, files, and what should not be there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

# A download's time is its own; so are the runs that Dagster lists, the logs, and how fast the model was.
_OWN_COLUMNS = {"raw._loads": "fetched_at"}
_OWN_FILES = ("dagster/", "logs/", "dbt/")
_OWN_NAMES = ("speed.json",)
_OWN_CONTENT = ("warehouse.duckdb", ".run.lock", ".lock")
_UNFINISHED = (".part", ".tmp", ".incomplete", ".wal", ".corrupt")


@dataclass(frozen=True)
class Snapshot:
    """What is there after a run.

    Attributes
    ----------
    tables : dict
        Of each table and view, by ``schema.name``: its columns with comments, and a hash of its rows in any order.
    files : dict
        Of each file below the warehouse and the download directory, by its relative path: a hash of its content.
    unfinished : list of str
        Paths and tables that only a run that is under way may have.
    """

    tables: dict[str, str]
    files: dict[str, str]
    unfinished: list[str]

    def differences(self, other: Snapshot) -> list[str]:
        """Name what this has and the other has not, or otherwise."""
        found = [f"left unfinished: {path}" for path in self.unfinished]
        for what, mine, theirs in (("table", self.tables, other.tables), ("file", self.files, other.files)):
            for name in sorted(mine.keys() | theirs.keys()):
                if name not in mine:
                    found.append(f"{what} missing: {name}")
                elif name not in theirs:
                    found.append(f"{what} too many: {name}")
                elif mine[name] != theirs[name]:
                    found.append(f"{what} differs: {name}")
        return found


def snapshot(root: Path, downloads: Path | None = None) -> Snapshot:
    """Look at a warehouse directory and the directory of its downloads while no run works on them."""
    tables = _tables(root / "warehouse.duckdb")
    files = {path: _content(root, path) for path in _paths(root) if _is_compared(path)}
    unfinished = [path for path in _paths(root) if path.endswith(_UNFINISHED) or "/dbt_models-" in path]
    if downloads is not None:
        # a note beside a download says when it came
        files |= {
            f"downloads/{path}": "" if ".cache/" in path else _content(downloads, path) for path in _paths(downloads)
        }
        unfinished += [f"downloads/{path}" for path in _paths(downloads) if path.endswith(_UNFINISHED)]
    return Snapshot(tables, files, unfinished + [name for name in tables if "__dbt_" in name])


def _paths(root: Path) -> list[str]:
    """Return all files and all empty directories."""
    return sorted(
        path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() or not any(path.iterdir())
    )


def _is_compared(path: str) -> bool:
    return not path.startswith(_OWN_FILES) and Path(path).name not in _OWN_NAMES


def _content(root: Path, path: str) -> str:
    if (root / path).is_dir() or Path(path).name in _OWN_CONTENT or path.endswith(".lock"):
        return ""
    return hashlib.sha256((root / path).read_bytes()).hexdigest()


def _tables(database: Path) -> dict[str, str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        columns = connection.sql(
            """
            SELECT schema_name || '.' || table_name,
                   list((column_name, data_type, comment) ORDER BY column_index)::VARCHAR
            FROM duckdb_columns() WHERE database_name = current_database() AND NOT internal GROUP BY ALL
            """
        ).fetchall()
        return {name: f"{about} {_rows(connection, name)}" for name, about in columns}


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    schema, table = name.split(".", 1)
    without = f"EXCLUDE ({_OWN_COLUMNS[name]})" if name in _OWN_COLUMNS else ""
    n_rows, content = connection.sql(
        f"""
        SELECT count(*), sha256(string_agg(of_row, '' ORDER BY of_row)) FROM (
            SELECT sha256(t::VARCHAR) AS of_row FROM (SELECT * {without} FROM "{schema}"."{table}") AS t
        )
        """
    ).fetchall()[0]
    return f"{n_rows} rows {content}"
