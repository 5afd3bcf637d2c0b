"""Pictures of clusters and of marts, as asset metadata."""

from collections.abc import Callable
from typing import Any

import dagster as dg
import duckdb
import numpy as np

from dagster_defs.previews import image, markdown_table
from python_assets.clustering.dbscan import euclidean_eps
from python_assets.clustering.vectors import Int64Array
from python_assets.embeddings.store import EmbeddingStore
from python_assets.exports.plots import plot_cluster_sizes, plot_distances, plot_map, plot_overlap
from python_assets.exports.text_map import MapSample, map_layout, sample_for_map
from python_assets.sources.registry import TYPES
from python_assets.texts import TextFlags

Pictures = dict[str, dg.MarkdownMetadataValue]


def overlap_pictures(connection: duckdb.DuckDBPyConnection) -> Pictures:
    """Return a heat map of marts.source_overlap for each type in which two datasets share something."""
    drawn = {}
    for type_name in TYPES:
        found = connection.execute(
            """
            SELECT o.dataset, o.other_dataset, o.semantic_share
            FROM marts.source_overlap AS o
            INNER JOIN marts.dedup_summary AS s ON o.type = s.type AND o.dataset = s.dataset
            WHERE o.type = ? ORDER BY s.ordinal, o.other_dataset
            """,
            [type_name],
        ).fetchall()
        if not found:
            continue
        datasets = list(dict.fromkeys(dataset for dataset, _, _ in found))
        place = {dataset: number for number, dataset in enumerate(datasets)}
        shares = np.zeros((len(datasets), len(datasets)))
        np.fill_diagonal(shares, np.nan)
        for dataset, other, share in found:
            shares[place[dataset], place[other]] = share
        drawn[f"overlap_{type_name}"] = image(plot_overlap(datasets, shares, type_name))
    return drawn


def distance_pictures(connection: duckdb.DuckDBPyConnection) -> Pictures:
    """Return for each type with semantic duplicates how far they are from their survivors."""
    drawn = {}
    for type_name in TYPES:
        distances = connection.execute(
            "SELECT distance FROM marts.duplicate_pairs WHERE type = ? AND reason = 'semantic'", [type_name]
        ).fetchnumpy()["distance"]
        if len(distances):
            eps, metric = connection.sql(
                f"SELECT any_value(eps), any_value(metric) FROM ml.{type_name}_clusters"
            ).fetchall()[0]
            drawn[f"distances_{type_name}"] = image(
                plot_distances(np.asarray(distances), euclidean_eps(eps, metric), type_name)
            )
    return drawn


def cluster_pictures(
    connection: duckdb.DuckDBPyConnection,
    type_name: str,
    flags: TextFlags,
    labels: Int64Array,
    store: EmbeddingStore,
    map_texts: int,
) -> dict[str, Any]:
    """Return the sizes of the clusters, and a map of some texts with the largest clusters named below it."""
    drawn = {"cluster_sizes": image(plot_cluster_sizes(np.bincount(labels[labels >= 0]), type_name))}
    sample = sample_for_map(labels, flags.comparable, map_texts)
    if len(sample.places):
        points = map_layout(store.read([flags.keys[place] for place in sample.places.tolist()]).vectors)
        picture = image(plot_map(points, sample.rank, type_name)).value
        named = _largest_clusters(connection, type_name, flags, labels, sample)
        drawn["map"] = dg.MetadataValue.md(f"{picture}\n\n{named}")
    return drawn


def _largest_clusters(
    connection: duckdb.DuckDBPyConnection, type_name: str, flags: TextFlags, labels: Int64Array, sample: MapSample
) -> str:
    """Name the numbers on the map, as text, which every browser can draw in any script."""
    rows: list[tuple[Any, ...]] = []
    for number, (cluster, size) in enumerate(zip(sample.clusters.tolist(), sample.sizes.tolist(), strict=True), 1):
        first = flags.keys[int(np.argmax(labels == cluster))]
        text = connection.execute(
            f"SELECT text[:200] FROM intermediate.int_{type_name}_texts WHERE text_key = ?", [first]
        ).fetchall()[0][0]
        rows.append((number, size, text))
    return markdown_table(["on the map", "texts", "its first text"], rows) if rows else "No cluster has two texts."


PICTURES: dict[str, Callable[[duckdb.DuckDBPyConnection], Pictures]] = {
    "source_overlap": overlap_pictures,
    "duplicate_pairs": distance_pictures,
}
