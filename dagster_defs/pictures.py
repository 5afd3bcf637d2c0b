"""Pictures of marts, as asset metadata."""

from collections.abc import Callable

import dagster as dg
import duckdb
import numpy as np

from dagster_defs.previews import image
from python_assets.exports.plots import plot_overlap
from python_assets.sources.registry import TYPES

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
        drawn[type_name] = image(plot_overlap(datasets, shares, type_name))
    return drawn


PICTURES: dict[str, Callable[[duckdb.DuckDBPyConnection], Pictures]] = {"source_overlap": overlap_pictures}
