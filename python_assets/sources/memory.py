"""How much memory DuckDB takes for a load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from python_assets.memory import duckdb_memory_limit

LOAD_MEMORY = "768MiB"
LOAD_THREADS = 4
_OUT_OF_MEMORY = re.compile("Out of Memory|failed to (pin|allocate)", re.IGNORECASE)


@contextmanager
def bounded_memory(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let DuckDB write to disk early, as what it keeps of a load has no use later."""
    threads, is_larger = connection.sql(
        f"""
        SELECT
            current_setting('threads'),
            parse_formatted_bytes(current_setting('memory_limit')) > parse_formatted_bytes('{LOAD_MEMORY}')
        """
    ).fetchall()[0]
    try:
        connection.execute(f"SET threads = {min(threads, LOAD_THREADS)}")
        if is_larger:
            connection.execute(f"SET memory_limit = '{LOAD_MEMORY}'")
        yield
    finally:
        connection.execute(f"SET threads = {threads}")
        connection.execute(f"SET memory_limit = '{duckdb_memory_limit()}'")


def is_out_of_memory(error: duckdb.Error) -> bool:
    """Tell whether a statement failed for want of memory, whichever class DuckDB gives the error."""
    return bool(_OUT_OF_MEMORY.search(str(error)))
