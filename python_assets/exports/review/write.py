"""Write the page on which a person judges the clusters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from python_assets.clustering.dbscan import euclidean_eps
from python_assets.exports.review.benchmark_tables import BenchmarkTables
from python_assets.exports.review.page import PageTooLargeError, PageWriter
from python_assets.exports.review.tables import PAIR_CHARS, ReviewTables
from python_assets.files import write_aside

MAX_PAGE_BYTES = 60_000_000
MAX_CHARS = 128_000_000
MAX_BENCHMARK_CHARS = 16_000_000
TEXT_CHARS = 2_000
SHORTEST_TEXT = 50


def write_review(connection: duckdb.DuckDBPyConnection, path: Path, type_name: str, eps: float) -> None:
    """Write a type's review page.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Open on the warehouse; read-only will do.
    path : Path
        Where the page goes; it appears when it is complete.
    type_name : str
    eps : float
        The eps to name where nothing was compared, in the units of the metric.

    Raises
    ------
    PageTooLargeError
        Even with texts of 50 characters the page is larger than 60 MB.

    Notes
    -----
    The members' texts are cut at 2,000 characters, at fewer where the page would have more than 128 million characters
    to search or be larger than 60 MB. Those of the pairs with benchmark items are cut at 8,000 characters, at fewer
    where all of them would have more than 16 million. Memory is that of the texts so cut, in DuckDB, and of 20
    clusters.
    """
    tables = ReviewTables(connection, type_name)
    tables.gather_members()
    limit = _longest(TEXT_CHARS, MAX_CHARS, tables.chars_shown)
    tables.gather_texts(limit)
    head = {"type": type_name, **_settings(tables, eps), "sweep": tables.sweep(), "clusters": tables.clusters()}
    head["pairs"] = _pairs(tables, head)
    benchmarks = BenchmarkTables(connection, type_name)
    has_benchmarks = benchmarks.gather()
    head["benchmarks"] = benchmarks.counts() if has_benchmarks else []
    blocks = {"benchmarks": _benchmark_pairs(benchmarks)} if has_benchmarks else {}
    while not _fits(tables, path, head, blocks, limit):
        limit = max(limit * 7 // 10, SHORTEST_TEXT)


def _longest(most: int, budget: int, chars_shown: Callable[[int], int]) -> int:
    """Return at how many characters, at most `most`, to cut texts so that all of them stay within the budget."""
    lengths = range(SHORTEST_TEXT, most + 1)
    return lengths[max(bisect_right(lengths, budget, key=chars_shown) - 1, 0)]


def _settings(tables: ReviewTables, eps: float) -> dict[str, Any]:
    settings = tables.settings()
    if settings["eps"] is None:
        return {**settings, "eps": eps, "radius": None}
    return {**settings, "radius": euclidean_eps(settings["eps"], settings["metric"])}


def _pairs(tables: ReviewTables, head: dict[str, Any]) -> dict[str, Any]:
    radius = head["radius"]
    if radius is None:
        return {side: {"n": 0, "nearest": []} for side in ("inside", "outside")}
    return {
        side: {"n": n, "nearest": tables.pairs(radius, head["min_samples"], inside=side == "inside")}
        for side, n in zip(("inside", "outside"), tables.n_pairs(radius), strict=True)
    }


def _benchmark_pairs(tables: BenchmarkTables) -> list[dict[str, Any]]:
    return tables.pairs(_longest(PAIR_CHARS, MAX_BENCHMARK_CHARS, tables.chars_shown))


def _fits(tables: ReviewTables, path: Path, head: dict[str, Any], blocks: dict[str, Any], limit: int) -> bool:
    try:
        with write_aside(path) as aside, aside.open("wb") as file:
            page = PageWriter(file, MAX_PAGE_BYTES)
            page.start({**head, "pair_chars": PAIR_CHARS, "member_chars": limit})
            for name, content in blocks.items():
                page.add(name, content)
            for rank, members in tables.members(limit):
                page.add(f"cluster-{rank}", members)
            page.end()
    except PageTooLargeError:
        if limit <= SHORTEST_TEXT:
            raise
        return False
    return True
