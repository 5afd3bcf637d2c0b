"""The table of a type's prompts that repeat an item of a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from python_assets.clustering.arrangement import Arrangement
from python_assets.clustering.cross import cross_pairs
from python_assets.clustering.vectors import Float32Array
from python_assets.contamination.lexical import LexicalIndex, Repeats
from python_assets.warehouse import connect

EMBEDDING = "embedding"
SLICE_ROWS = 100_000
SCHEMA = pa.schema(
    [
        ("all_prompt_id", pa.int64()),
        ("benchmark", pa.string()),
        ("item", pa.int64()),
        ("method", pa.string()),
        ("score", pa.float64()),
        ("distance", pa.float64()),
        ("matching_text", pa.string()),
    ]
)

Progress = Callable[[int, int], None]


class ItemTexts:
    """The items' texts by their keys, as they are embedded.

    Parameters
    ----------
    items : pyarrow.Table
        ``text_key`` and ``text``, see `items.read_items`.
    """

    def __init__(self, items: pa.Table) -> None:
        self._texts = dict(zip(items["text_key"].to_pylist(), items["text"].to_pylist(), strict=True))

    def keys(self) -> list[str]:
        """Return the distinct keys, in order of their first items."""
        return list(self._texts)

    def lengths(self, keys: Sequence[str]) -> list[int]:
        """Return the characters of each text, -1 for one that is not there."""
        return [len(self._texts[key]) if key in self._texts else -1 for key in keys]

    def read(self, keys: Sequence[str]) -> list[str]:
        """Return the texts of some keys, in their order."""
        return [self._texts[key] for key in keys]


def lexical_matches(
    database: Path, type_name: str, items: pa.Table, shares: Mapping[int, float], progress: Progress
) -> pa.Table:
    """Find the prompts that repeat an item word for word, or enough of it in runs of words.

    Parameters
    ----------
    database : Path
        The warehouse; it is open only while something is read.
    type_name : str
    items : pyarrow.Table
        See `items.read_items`.
    shares : mapping of int to float
        As for `lexical.LexicalIndex`.
    progress : callable
        Called with the merged rows that are done and their number.

    Returns
    -------
    pyarrow.Table
        `SCHEMA`; one row for each prompt, item and method.

    Notes
    -----
    100,000 merged rows at a time; memory is that of their prompts, of their words, and of the index of the items.
    """
    if not len(items):
        return SCHEMA.empty_table()
    index = LexicalIndex(items["text"].to_pylist(), shares)
    found = [SCHEMA.empty_table()]
    with connect(database, read_only=True) as connection:
        (total,) = connection.sql(f"SELECT count(*) FROM intermediate.int_{type_name}_merged").fetchall()[0]
    for start in range(0, total, SLICE_ROWS):
        with connect(database, read_only=True) as connection:
            rows = connection.execute(
                f"SELECT all_prompt_id, prompt FROM intermediate.int_{type_name}_merged "
                "WHERE all_prompt_id >= ? AND all_prompt_id < ?",
                [start, start + SLICE_ROWS],
            ).to_arrow_table()
        ids = rows["all_prompt_id"].to_numpy()
        found += [_table(items, ids, repeats) for repeats in index.find(rows["prompt"])]
        progress(min(start + SLICE_ROWS, total), total)
    return pa.concat_tables(found)


def _table(items: pa.Table, ids: np.ndarray, repeats: Repeats) -> pa.Table:
    of_item = items.take(pa.array(repeats.item))
    n = len(repeats.prompt)
    return pa.table(
        [
            pa.array(ids[repeats.prompt]), of_item["benchmark"], of_item["item"], pa.array([repeats.method] * n),
            pa.array(repeats.score), pa.nulls(n, pa.float64()), pa.array(repeats.matching_text, pa.string()),
        ],
        schema=SCHEMA,
    )  # fmt: skip


def near_items(
    keys: list[str],
    item_keys: list[str],
    vectors: Float32Array,
    radius: float,
    *,
    arrangement: Arrangement | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> pa.Table:
    """Find every text whose vector is within a radius of an item's.

    Parameters
    ----------
    keys, item_keys : list of str
    vectors : ndarray of float32, shape (n_texts + n_items, dimension)
        Unit vectors of the texts, then of the items.
    radius : float
        Euclidean.
    arrangement : Arrangement, optional
        Of the texts' vectors, as their forest keeps it.
    device, progress
        As for `clustering.cross.cross_pairs`.

    Returns
    -------
    pyarrow.Table
        ``text_key``, ``item_key`` and ``distance``.
    """
    parts: Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]] = (
        (pairs.i, pairs.j - len(keys), np.sqrt(pairs.squared))
        for pairs in cross_pairs(vectors, len(keys), radius, arrangement=arrangement, device=device, progress=progress)
    )
    none = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    text, item, distance = (np.concatenate(part) for part in zip(none, *parts, strict=True))
    return pa.table(
        {
            "text_key": pa.array(keys, pa.string()).take(pa.array(text)),
            "item_key": pa.array(item_keys, pa.string()).take(pa.array(item)),
            "distance": distance,
        }
    )


def embedding_matches(
    connection: duckdb.DuckDBPyConnection, type_name: str, items: pa.Table, near: pa.Table
) -> pa.Table:
    """Turn texts near items into rows: every merged row of the text, every item of the key.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    type_name : str
    items : pyarrow.Table
        See `items.read_items`.
    near : pyarrow.Table
        From `near_items`.

    Returns
    -------
    pyarrow.Table
        `SCHEMA`; the score is the cosine similarity.
    """
    connection.register("benchmark_items", items)
    connection.register("near_items", near)
    try:
        return (
            connection.sql(
                f"""
                SELECT
                    m.all_prompt_id, i.benchmark, i.item, '{EMBEDDING}' AS method,
                    1 - n.distance * n.distance / 2 AS score, n.distance, NULL::VARCHAR AS matching_text
                FROM near_items AS n
                INNER JOIN benchmark_items AS i ON n.item_key = i.text_key
                INNER JOIN intermediate.int_{type_name}_merged AS m ON n.text_key = m.text_key
                """
            )
            .to_arrow_table()
            .cast(SCHEMA)
        )
    finally:
        connection.unregister("benchmark_items")
        connection.unregister("near_items")


def in_order(matches: pa.Table) -> pa.Table:
    """Return the rows in one order, whatever order they were found in."""
    return matches.sort_by([(name, "ascending") for name in ("all_prompt_id", "benchmark", "item", "method")])
