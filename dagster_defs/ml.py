"""Per type: the embeddings of its texts and their clusters."""

import logging
from collections.abc import Sequence
from functools import lru_cache

import dagster as dg
import duckdb
import numpy as np
import pyarrow as pa

from dagster_defs.previews import relation_metadata
from dagster_defs.resources import Locations, Settings
from dagster_defs.translator import type_tags
from python_assets.clustering.dbscan import dbscan_comparable
from python_assets.embeddings.embedder import SentenceTransformerEmbedder, is_comparable
from python_assets.embeddings.store import EmbeddingStore, embed_missing
from python_assets.progress import ProgressLog
from python_assets.sources.registry import TYPES
from python_assets.warehouse import connect, replace_table, replace_view

logger = logging.getLogger(__name__)


def build_ml_assets(type_name: str) -> list[dg.AssetsDefinition]:
    """Build the two assets between the merged texts of a type and its survivors."""
    texts = dg.AssetKey(["intermediate", f"int_{type_name}_texts"])

    @dg.asset(
        key=["ml", f"{type_name}_embeddings"],
        deps=[texts],
        group_name="ml",
        tags=type_tags([type_name]),
        kinds={"python", "pytorch"},
        description="The vectors of the type's texts; each text is embedded once per model. "
        "One row per distinct text.",
    )
    def embeddings(
        settings: Settings, locations: dg.ResourceParam[Locations]
    ) -> dg.MaterializeResult:
        store = locations.store(settings.model)
        with locations.step(type_name):
            keys = _text_keys(locations, type_name)
            n_embedded = embed_missing(
                store,
                keys,
                lambda wanted: _read_texts(locations, type_name, wanted),
                lambda: _load_embedder(settings.model, settings.device, settings.batch_size),
                ProgressLog(logger, f"{type_name}: embedded", "texts"),
            )
            logger.info("%s: %d texts, %d embedded now", type_name, len(keys), n_embedded)
            with connect(locations.database) as connection:
                _create_embeddings_view(connection, type_name, store)
                metadata = relation_metadata(connection, "ml", f"{type_name}_embeddings")
        return dg.MaterializeResult(
            metadata={**metadata, "embedded_now": n_embedded, "model": settings.model}
        )

    @dg.asset(
        key=["ml", f"{type_name}_clusters"],
        deps=[embeddings, texts],
        group_name="ml",
        tags=type_tags([type_name]),
        kinds={"python", "scikitlearn"},
        description="The DBSCAN label of each of the type's texts. One row per distinct text.",
    )
    def clusters(
        settings: Settings, locations: dg.ResourceParam[Locations]
    ) -> dg.MaterializeResult:
        eps = settings.resolved_eps()
        with locations.step(type_name):
            keys = _text_keys(locations, type_name)
            encoded = locations.store(settings.model).read(keys)
            comparable = is_comparable(encoded.n_tokens, encoded.n_unknown, encoded.is_truncated)
            labels = dbscan_comparable(
                encoded.vectors, comparable, eps, settings.min_samples, settings.metric.value
            )
            table = pa.table(
                {
                    "text_key": pa.array(keys, pa.string()),
                    "cluster_id": labels,
                    "is_comparable": comparable,
                    "eps": np.full(len(keys), eps),
                    "min_samples": np.full(len(keys), settings.min_samples, dtype=np.int64),
                    "metric": pa.array([settings.metric.value] * len(keys), pa.string()),
                    "model": pa.array([settings.model] * len(keys), pa.string()),
                }
            )
            n_clusters = int(labels.max(initial=-1)) + 1
            logger.info(
                "%s: %d texts in %d clusters at eps %g, %d not comparable",
                type_name,
                len(keys),
                n_clusters,
                eps,
                np.count_nonzero(~comparable),
            )
            with connect(locations.database) as connection:
                replace_table(connection, "ml", f"{type_name}_clusters", table)
                metadata = relation_metadata(connection, "ml", f"{type_name}_clusters")
        return dg.MaterializeResult(metadata={**metadata, "eps": eps, "clusters": n_clusters})

    return [embeddings, clusters]


@lru_cache(maxsize=1)
def _load_embedder(model: str, device: str | None, batch_size: int) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(model, device, batch_size)


def _text_keys(locations: Locations, type_name: str) -> list[str]:
    with connect(locations.database, read_only=True) as connection:
        keys = connection.sql(
            f"SELECT text_key FROM intermediate.int_{type_name}_texts ORDER BY first_prompt_id"
        ).to_arrow_table()
    return list(keys["text_key"].to_pylist())


def _read_texts(locations: Locations, type_name: str, keys: Sequence[str]) -> list[str]:
    with connect(locations.database, read_only=True) as connection:
        rows = connection.execute(
            f"SELECT text_key, text FROM intermediate.int_{type_name}_texts "
            "WHERE text_key IN (SELECT unnest(?))",
            [list(keys)],
        ).fetchall()
    texts = dict(rows)
    return [texts[key] for key in keys]


def _create_embeddings_view(
    connection: duckdb.DuckDBPyConnection, type_name: str, store: EmbeddingStore
) -> None:
    shards = store.shards()
    files = ", ".join("'" + str(shard).replace("'", "''") + "'" for shard in shards)
    source = (
        f"SELECT * FROM read_parquet([{files}])"
        if shards
        else "SELECT NULL::VARCHAR AS text_key, NULL::FLOAT[] AS embedding, NULL::INTEGER AS "
        "n_tokens, NULL::INTEGER AS n_unknown, NULL::BOOLEAN AS is_truncated WHERE false"
    )
    replace_view(connection, "ml", "embeddings", source)
    replace_view(
        connection,
        "ml",
        f"{type_name}_embeddings",
        f"SELECT * FROM ({source}) SEMI JOIN intermediate.int_{type_name}_texts USING (text_key)",
    )


ml_assets = [asset for type_name in TYPES for asset in build_ml_assets(type_name)]
