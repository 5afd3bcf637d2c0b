"""The short table at the end of a run, and what to do next."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

_COLUMNS = ("raw_rows", "quarantined", "exact_duplicates", "semantic_duplicates", "kept")
_HEADINGS = ("raw rows", "quarantined", "exact dup.", "semantic dup.", "kept")


def print_summary(connection: duckdb.DuckDBPyConnection, types: Sequence[str], root: Path) -> None:
    """Print what became of the rows of each loaded dataset, and where to look next."""
    rows = connection.execute(
        f"""
        SELECT type, dataset, {", ".join(_COLUMNS)} FROM marts.dedup_summary
        WHERE list_contains(?, type) AND (raw_rows > 0 OR status = 'loaded')
        ORDER BY list_position(?, type), ordinal
        """,
        [list(types), list(types)],
    ).fetchall()
    total = ["total", "", *(sum(row[place] for row in rows) for place in range(2, 7))]
    lines = [["type", "dataset", *_HEADINGS], *([str(v) for v in row] for row in [*rows, total])]
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    print()
    for line in lines:
        cells = [
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
    settings = connection.execute(
        """
        SELECT string_agg(DISTINCT format('{} at eps {} ({})', model, eps, metric), ', ')
        FROM marts.dedup_summary WHERE list_contains(?, type) AND raw_rows > 0
        """,
        [list(types)],
    ).fetchall()[0][0]
    print(
        f"""
compared with  {settings}
files          {_outputs(root, types)}
look           make ui WAREHOUSE_DIR={root}   (then http://localhost:3000)
query          make sql WAREHOUSE_DIR={root}
               SELECT * FROM marts.duplicate_pairs LIMIT 5;"""
    )


def refused_datasets(connection: duckdb.DuckDBPyConnection, types: Sequence[str]) -> list[str]:
    """Return why each refused dataset of the types was refused."""
    rows = connection.execute(
        "SELECT DISTINCT load_error FROM marts.dedup_summary "
        "WHERE list_contains(?, type) AND load_error IS NOT NULL ORDER BY 1",
        [list(types)],
    ).fetchall()
    return [row[0] for row in rows]


def _outputs(root: Path, types: Sequence[str]) -> str:
    name = f"{types[0]}_all" if len(types) == 1 else "<type>_all"
    return str(root / "outputs" / name)
