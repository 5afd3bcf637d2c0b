"""The short table at the end of a run, and what to do next."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from python_assets.columns_of_text import in_columns
from python_assets.sources.record import IN_PART

_HEADINGS = {
    "raw_rows": "raw rows",
    "quarantined": "quarantined",
    "exact_duplicates": "exact dup.",
    "semantic_duplicates": "semantic dup.",
    "filtered": "filtered",
    "kept": "kept",
}


def print_summary(connection: duckdb.DuckDBPyConnection, types: Sequence[str], root: Path) -> None:
    """Print what became of the rows of each loaded dataset and of each type, and where to look next."""
    rows = connection.execute(
        f"""
        SELECT type, dataset, {", ".join(_HEADINGS)} FROM marts.dedup_summary
        WHERE list_contains(?, type) AND (raw_rows > 0 OR status = 'loaded')
        ORDER BY list_position(?, type), ordinal
        """,
        [list(types), list(types)],
    ).fetchall()
    by_type = [_totals(t, [row for row in rows if row[0] == t]) for t in types]
    if len(by_type) > 1:
        by_type.append(_totals("total", rows))
    _print_counts("dataset", rows)
    _print_counts("datasets", by_type)
    settings = connection.execute(
        """
        SELECT string_agg(DISTINCT format('{} at eps {} ({})', model, eps, metric), ', ')
        FROM marts.dedup_summary WHERE list_contains(?, type) AND raw_rows > 0
        """,
        [list(types)],
    ).fetchall()[0][0]
    in_part = connection.execute(
        "SELECT DISTINCT dataset FROM marts.dedup_summary WHERE list_contains(?, type) AND status = ? ORDER BY 1",
        [list(types), IN_PART],
    ).fetchall()
    if in_part:
        print(f"\nonly the first rows (max_rows) of {', '.join(row[0] for row in in_part)}")
    _print_contamination(connection, types)
    print(
        f"""
compared with  {settings or "nothing"}
files          {_outputs(root, types)}
judge eps      dedup_eps<eps>/cluster_review.html there, in a browser
look           make ui WAREHOUSE_DIR={root}   (then http://localhost:3000)
query          make sql WAREHOUSE_DIR={root}
               SELECT * FROM marts.duplicate_pairs LIMIT 5;"""
    )


def _print_contamination(connection: duckdb.DuckDBPyConnection, types: Sequence[str]) -> None:
    """Print how much of each benchmark the types repeat, where benchmarks were looked for."""
    found = connection.execute(
        """
        SELECT
            i.benchmark,
            count(DISTINCT c.item) AS items_found,
            count(DISTINCT i.item) AS items,
            count(DISTINCT (c.type, c.all_prompt_id)) AS merged_rows,
            count(DISTINCT CASE WHEN c.is_kept THEN (c.type, c.all_prompt_id) END) AS kept
        FROM ml.benchmark_items AS i
        LEFT JOIN marts.contamination AS c
            ON i.benchmark = c.benchmark AND i.item = c.item AND list_contains(?, c.type)
        GROUP BY i.benchmark ORDER BY i.benchmark
        """,
        [list(types)],
    ).fetchall()
    if found:
        print("", *in_columns(["benchmark", "items found", "of", "in merged rows", "of them kept"], found), sep="\n")


def _totals(name: str, rows: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    return (name, len(rows), *(sum(row[place] for row in rows) for place in range(2, 2 + len(_HEADINGS))))


def _print_counts(what: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Print the counts of datasets or types, those of the filters only where one took something."""
    names = ["type", what, *_HEADINGS]
    filtered = names.index("filtered")
    shown = [place for place in range(len(names)) if place != filtered or any(row[filtered] for row in rows)]
    headings = [_HEADINGS.get(name, name) for name in names]
    lines = in_columns([headings[place] for place in shown], [tuple(row[place] for place in shown) for row in rows])
    print("", *lines, sep="\n")


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
