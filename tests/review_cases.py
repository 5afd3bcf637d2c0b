"""Small and large warehouses with just the tables that the review page reads, and a reader of the page."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

TYPE = "sft"
EPS = 0.2
_BLOCK = re.compile(r'<script type="application/octet-stream" id="block-([\w-]+)">([A-Za-z0-9+/=]*)</script>')


def read_blocks(path: Path) -> dict[str, Any]:
    """Return the data that a page carries, by the names of its blocks."""
    found = _BLOCK.findall(path.read_text(encoding="utf-8"))
    return {name: json.loads(zlib.decompress(base64.b64decode(packed))) for name, packed in found}


def open_warehouse(
    clusters: Iterable[Sequence[str]],
    pairs: Sequence[tuple[str, str, float]] = (),
    *,
    datasets: Sequence[str] = ("acme/riddles", "acme/songs"),
    database: str = ":memory:",
) -> duckdb.DuckDBPyConnection:
    """
    Make a warehouse with the given clusters.

    Parameters
    ----------
    clusters : iterable of sequences of str
        The texts of each cluster, the survivor first; its members lie ever closer to it.
    pairs : sequence of (str, str, float)
        Edges of the forest: two texts and their distance.
    """
    connection = duckdb.connect(database)
    for schema in ("marts", "intermediate", "ml"):
        connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(
        """
        CREATE TABLE marts.top_clusters (
            type VARCHAR, cluster_rank BIGINT, cluster_id BIGINT, n_cluster_members BIGINT, widest_distance DOUBLE,
            all_prompt_id BIGINT, source_prompt_id VARCHAR, dataset VARCHAR, is_kept BOOLEAN,
            distance_to_survivor DOUBLE, prompt VARCHAR
        );
        CREATE TABLE intermediate.int_sft_survivors (
            all_prompt_id BIGINT, source_prompt_id VARCHAR, dataset VARCHAR, text_key VARCHAR, cluster_id BIGINT
        );
        CREATE TABLE intermediate.int_sft_texts (text_key VARCHAR, text VARCHAR);
        """
    )
    first = 0
    for rank, texts in enumerate(clusters, start=1):
        _add_cluster(connection, rank, first, texts, datasets)
        first += len(texts)
    _add_pairs(connection, pairs, first, datasets)
    _add_settings(connection)
    return connection


def add_benchmarks(
    connection: duckdb.DuckDBPyConnection,
    prompts: Sequence[str],
    items: Sequence[tuple[str, int, str]],
    found: Sequence[tuple[int, str, int, str, float, float | None, bool]],
) -> None:
    """
    Add the tables of benchmark items found in prompts.

    Parameters
    ----------
    prompts : sequence of str
        Their places are their ids.
    items : sequence of (str, int, str)
        Benchmark, item number and text.
    found : sequence of (int, str, int, str, float, float or None, bool)
        Prompt, benchmark, item number, method, score, distance, and whether the row is kept.
    """
    connection.execute(
        """
        CREATE TABLE intermediate.int_sft_merged (all_prompt_id BIGINT, prompt VARCHAR);
        CREATE TABLE ml.benchmark_items (benchmark VARCHAR, item BIGINT, text VARCHAR, text_key VARCHAR);
        CREATE TABLE marts.contamination (
            type VARCHAR, all_prompt_id BIGINT, source_prompt_id VARCHAR, dataset VARCHAR, _row BIGINT,
            benchmark VARCHAR, item BIGINT, method VARCHAR, score DOUBLE, distance DOUBLE, matching_text VARCHAR,
            is_kept BOOLEAN
        )
        """
    )
    rows = {
        "intermediate.int_sft_merged": list(enumerate(prompts)),
        "ml.benchmark_items": [(*item, _key(item[2])) for item in items],
        "marts.contamination": [
            (
                TYPE,
                prompt,
                f"{prompt}_acme/riddles",
                "acme/riddles",
                prompt,
                *keys,
                score,
                distance,
                prompts[prompt],
                kept,
            )
            for prompt, *keys, score, distance, kept in found
        ],
    }
    for table, values in rows.items():
        if values:
            marks = ", ".join("?" * len(values[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)


def _add_cluster(
    connection: duckdb.DuckDBPyConnection,
    rank: int,
    first: int,
    texts: Sequence[str],
    datasets: Sequence[str],
) -> None:
    n = len(texts)
    distances = np.r_[0, np.linspace(EPS, EPS / 10, n - 1)]
    rows = _add_rows(connection, first, texts, datasets, clusters=[rank] * n)
    connection.register("cluster_rows", rows.append_column("distance", pa.array(distances)))
    connection.execute(
        f"""
        INSERT INTO marts.top_clusters
        SELECT '{TYPE}', {rank}, {rank}, {n}, {EPS}, all_prompt_id, source_prompt_id, dataset, distance = 0,
            distance, text
        FROM cluster_rows
        """
    )


def _add_pairs(
    connection: duckdb.DuckDBPyConnection,
    pairs: Sequence[tuple[str, str, float]],
    first: int,
    datasets: Sequence[str],
) -> None:
    texts = [text for a, b, _ in pairs for text in (a, b)]
    clusters = [first + n + (distance > EPS) * side for n, (*_, distance) in enumerate(pairs) for side in (0, 10**6)]
    _add_rows(connection, first, texts, datasets, clusters=clusters)
    edges = [(*sorted((_key(a), _key(b))), distance**2, distance) for a, b, distance in pairs]
    connection.execute(
        "CREATE TABLE ml.sft_forest (text_key_a VARCHAR, text_key_b VARCHAR, squared_distance DOUBLE, distance DOUBLE)"
    )
    if edges:
        connection.executemany("INSERT INTO ml.sft_forest VALUES (?, ?, ?, ?)", edges)


def _add_rows(
    connection: duckdb.DuckDBPyConnection,
    first: int,
    texts: Sequence[str],
    datasets: Sequence[str],
    *,
    clusters: Sequence[int],
) -> pa.Table:
    numbers = range(first, first + len(texts))
    names = [datasets[number % len(datasets)] for number in numbers]
    rows = pa.table(
        {
            "all_prompt_id": pa.array(numbers, pa.int64()),
            "source_prompt_id": pa.array([f"{n}_{name}" for n, name in zip(numbers, names, strict=True)], pa.string()),
            "dataset": pa.array(names, pa.string()),
            "text_key": pa.array([_key(text) for text in texts], pa.string()),
            "cluster_id": pa.array(clusters, pa.int64()),
            "text": pa.array(texts, pa.string()),
        }
    )
    connection.register("new_rows", rows)
    connection.execute(
        "INSERT INTO intermediate.int_sft_survivors SELECT * EXCLUDE (text) FROM new_rows;"
        "INSERT INTO intermediate.int_sft_texts SELECT DISTINCT text_key, text FROM new_rows "
        "ANTI JOIN intermediate.int_sft_texts USING (text_key)"
    )
    return rows


def _add_settings(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"""
        CREATE TABLE marts.dedup_summary AS
        SELECT '{TYPE}' AS type, 1000 AS raw_rows, 10 AS quarantined, 20 AS exact_duplicates,
            30 AS semantic_duplicates, 7 AS filtered, 933 AS kept, 5 AS not_comparable, {EPS}::DOUBLE AS eps,
            1 AS min_samples,
            'euclidean' AS metric, 'all-MiniLM-L6-v2' AS model;
        CREATE TABLE marts.duplicate_pairs AS SELECT '{TYPE}' AS type, 'lowest_id' AS survivor_policy;
        CREATE TABLE ml.sft_forest_points AS SELECT 0.35::DOUBLE AS eps_max;
        CREATE TABLE marts.eps_sweep AS
        SELECT '{TYPE}' AS type, n * 0.005::DOUBLE AS eps, n * n AS removed, 10 + n AS largest_cluster,
            9000 - n * n AS clusters, 0 AS noise
        FROM range(1, 71) AS t (n);
        """
    )


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
