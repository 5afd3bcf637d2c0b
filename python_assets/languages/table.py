"""The table of languages: each text once, however often a run comes by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa

from python_assets.languages.detector import HEAD_CHARS, detect, detector_name
from python_assets.warehouse import connect

SLICE_ROWS = 100_000

Progress = Callable[[int, int], None]


def detect_missing(database: Path, type_name: str, progress: Progress) -> int:
    """Tell the language of the prompts whose texts ``ml.<type>_languages`` lacks; remove texts that are gone.

    Parameters
    ----------
    database : Path
        The warehouse. It is open only while something is read or written.
    type_name : str
    progress : callable
        Called with the merged rows that are done and their number.

    Returns
    -------
    int
        Number of texts whose language was told now.

    Notes
    -----
    100,000 merged rows at a time, each written before the next are read: a run that was broken off goes
    on there. Memory is that of the heads of so many prompts.
    """
    with connect(database) as connection:
        missing = _prepare(connection, type_name)
    total, done, n_detected = sum(n_rows for _, n_rows in missing), 0, 0
    for number, n_rows in missing:
        with connect(database, read_only=True) as connection:
            heads = _read_slice(connection, type_name, number)
        languages = [detect(head) for head in heads["head"].to_pylist()]
        with connect(database) as connection:
            _add(connection, type_name, heads["text_key"], languages)
        n_detected += len(languages)
        done += n_rows
        progress(done, total)
    return n_detected


def _prepare(connection: duckdb.DuckDBPyConnection, type_name: str) -> list[tuple[int, int]]:
    """Remove what another detector told, and texts that are gone; count the rows of each slice with a missing text."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS ml")
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS ml.{type_name}_languages (text_key VARCHAR, language VARCHAR, detector VARCHAR)"
    )
    connection.execute(
        f"""
        DELETE FROM ml.{type_name}_languages
        WHERE detector != ? OR text_key NOT IN (SELECT text_key FROM intermediate.int_{type_name}_merged)
        """,
        [detector_name()],
    )
    return connection.sql(
        f"""
        SELECT all_prompt_id // {SLICE_ROWS} AS slice, count(*)
        FROM intermediate.int_{type_name}_merged ANTI JOIN ml.{type_name}_languages USING (text_key)
        GROUP BY slice ORDER BY slice
        """
    ).fetchall()


def _read_slice(connection: duckdb.DuckDBPyConnection, type_name: str, number: int) -> pa.Table:
    return connection.execute(
        f"""
        SELECT text_key, left(arg_min(prompt, all_prompt_id), {HEAD_CHARS}) AS head
        FROM intermediate.int_{type_name}_merged ANTI JOIN ml.{type_name}_languages USING (text_key)
        WHERE all_prompt_id BETWEEN ? AND ?
        GROUP BY text_key
        """,
        [number * SLICE_ROWS, (number + 1) * SLICE_ROWS - 1],
    ).to_arrow_table()


def _add(connection: duckdb.DuckDBPyConnection, type_name: str, keys: pa.ChunkedArray, languages: list[str]) -> None:
    told = pa.table({"text_key": keys, "language": pa.array(languages, pa.string())})
    connection.register("told", told)
    connection.execute(
        f"INSERT INTO ml.{type_name}_languages SELECT text_key, language, ? FROM told", [detector_name()]
    )
    connection.unregister("told")
