"""Read the kept rows of a type in order, a slice at a time."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

MAX_ROWS = 20_000
_FIRST_ROWS = 1_000
_GROWTH = 4


def read_slices(
    connection: duckdb.DuckDBPyConnection, type_name: str, target_bytes: int = 16 << 20
) -> Iterator[pa.Table]:
    """Read the unified view dataset by dataset, in order of all_prompt_id.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    type_name : str
    target_bytes : int
        Bytes of metadata, which is the whole original row, that a slice should hold.

    Yields
    ------
    pyarrow.Table
        The view's columns but `_row`.

    Notes
    -----
    A slice is a range of raw rows, so that no query sorts more than that. Its length follows from the bytes of the
    slice before, and is at most four times as long and 20,000 raw rows: wide rows come a few at a time.
    """
    datasets = connection.sql(
        f"""
        SELECT dataset, max(_row) FROM intermediate.int_{type_name}_survivors
        WHERE is_kept GROUP BY dataset, ordinal ORDER BY ordinal
        """
    ).fetchall()
    for dataset, last_row in datasets:
        start, n_rows = 0, _FIRST_ROWS
        while start <= last_row:
            table = connection.execute(
                f"""
                SELECT * EXCLUDE (_row) FROM marts.unified_{type_name}
                WHERE dataset = ? AND _row BETWEEN ? AND ? ORDER BY all_prompt_id
                """,
                [dataset, start, start + n_rows - 1],
            ).to_arrow_table()
            if len(table):
                yield table
            start += n_rows
            n_rows = _next_rows(table, n_rows, target_bytes)


def _next_rows(table: pa.Table, n_rows: int, target_bytes: int) -> int:
    n_bytes = pc.sum(pc.binary_length(table["metadata"])).as_py() or 0
    fitting = target_bytes * n_rows // n_bytes if n_bytes else MAX_ROWS
    return int(max(1, min(fitting, n_rows * _GROWTH, MAX_ROWS)))
