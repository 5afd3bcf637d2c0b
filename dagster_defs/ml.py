"""Per type: the vectors of its texts, their forest, their clusters, and their languages."""

import logging
from functools import lru_cache

import dagster as dg
import numpy as np
import pyarrow as pa

from dagster_defs.eps_sweep import build_sweep_asset
from dagster_defs.pictures import cluster_pictures
from dagster_defs.previews import relation_metadata
from dagster_defs.resources import Locations
from dagster_defs.settings import Settings
from dagster_defs.translator import type_tags
from python_assets.clustering.build import clustering_bytes
from python_assets.clustering.comparable import label_all
from python_assets.clustering.saved import SavedForest, update_forest
from python_assets.clustering.tables import forest_tables, read_forest, read_saved
from python_assets.embeddings.embed import embed_missing
from python_assets.embeddings.encoder import Encoder
from python_assets.embeddings.identity import ModelIdentity
from python_assets.embeddings.loading import load_model
from python_assets.embeddings.views import create_views
from python_assets.errors import SettingsError
from python_assets.languages.table import detect_missing
from python_assets.memory import held_bytes, memory_limit_bytes
from python_assets.progress import ProgressLog
from python_assets.sources.registry import TYPES
from python_assets.texts import WarehouseTexts, text_flags, text_keys
from python_assets.warehouse import connect, replace_table, replace_tables

logger = logging.getLogger(__name__)


def build_ml_assets(type_name: str) -> list[dg.AssetsDefinition]:
    """Build the assets between the merged texts of a type and its survivors."""
    texts = dg.AssetKey(["intermediate", f"int_{type_name}_texts"])
    tags = type_tags([type_name])

    @dg.asset(
        key=["ml", f"{type_name}_embeddings"],
        deps=[texts],
        group_name="ml",
        tags=tags,
        kinds={"python", "pytorch"},
        description="The vectors of the type's texts; each text is embedded once per model. One row per distinct text.",
    )
    def embeddings(settings: Settings, locations: dg.ResourceParam[Locations]) -> dg.MaterializeResult:
        with locations.step(f"{type_name}: embeddings", type_name) as step:
            identity = settings.identity()
            store = locations.store(identity.key)
            if identity.non_commercial:
                logger.warning(
                    "the licence of the model %s (%s) forbids commercial use, and so perhaps that of what it chose",
                    identity.name, identity.licence,
                )  # fmt: skip
            with connect(locations.database, read_only=True) as connection:
                keys = text_keys(connection, type_name)
            n_embedded = embed_missing(
                store,
                keys,
                WarehouseTexts(locations.database, type_name),
                lambda: load_encoder(identity, settings.devices()),
                batch_tokens=settings.resolved_batch_tokens(),
                described=identity.described(),
                progress=ProgressLog(logger, f"{type_name}: embedded", "texts"),
            )
            logger.info("%s: %d texts, %d embedded now", type_name, len(keys), n_embedded)
            with connect(locations.database) as connection:
                create_views(connection, type_name, store)
                metadata = relation_metadata(connection, "ml", f"{type_name}_embeddings")
            step.rows_in, step.rows_out = len(keys), metadata["dagster/row_count"]
        return dg.MaterializeResult(metadata={**metadata, "embedded_now": n_embedded, "model": identity.key})

    @dg.multi_asset(
        name=f"ml__{type_name}_forest",
        specs=[
            dg.AssetSpec(
                ["ml", f"{type_name}_{table}"],
                deps=[embeddings, texts],
                group_name="ml",
                tags=tags,
                kinds={"python", "numba"},
                description=description,
            )
            for table, description in (
                (
                    "forest",
                    "The exact minimum spanning forest of all pairs of comparable texts within "
                    "eps_max, which answers every smaller eps. One row per edge.",
                ),
                (
                    "forest_points",
                    "The texts that the forest covers, and for min_samples above 1 their core "
                    "distances and nearest texts. One row per comparable text.",
                ),
            )
        ],
    )
    def forest(settings: Settings, locations: dg.ResourceParam[Locations]):
        with locations.step(f"{type_name}: forest", type_name) as step:
            saved = _updated_forest(settings, locations, type_name)
            with connect(locations.database) as connection:
                edges, points = forest_tables(saved)
                step.rows_in, step.rows_out = len(points), len(edges)
                names = (f"{type_name}_forest", f"{type_name}_forest_points")
                replace_tables(connection, "ml", dict(zip(names, (edges, points), strict=True)))
                for name in names:
                    yield dg.MaterializeResult(
                        asset_key=["ml", name],
                        metadata={
                            **relation_metadata(connection, "ml", name),
                            "eps_max": saved.settings.eps_max,
                            "min_samples": saved.settings.min_samples,
                        },
                    )

    @dg.asset(
        key=["ml", f"{type_name}_clusters"],
        deps=[dg.AssetKey(["ml", f"{type_name}_forest"]), embeddings, texts],
        group_name="ml",
        tags=tags,
        kinds={"python"},
        description="The DBSCAN label of each of the type's texts. One row per distinct text.",
    )
    def clusters(settings: Settings, locations: dg.ResourceParam[Locations]) -> dg.MaterializeResult:
        eps = settings.resolved_eps()
        with locations.step(f"{type_name}: clusters", type_name) as step, connect(locations.database) as connection:
            flags = text_flags(connection, type_name)
            step.rows_in = step.rows_out = len(flags.keys)
            wanted = settings.forest_for(settings.radius())
            forest = read_forest(connection, type_name, flags.order_of_comparable(), wanted)
            labels = label_all(forest.labels(settings.radius()), flags.comparable, settings.min_samples)
            table = _clusters_table(flags.keys, labels, flags.comparable, settings)
            replace_table(connection, "ml", f"{type_name}_clusters", table)
            metadata = relation_metadata(connection, "ml", f"{type_name}_clusters")
            store = locations.store(wanted.model)
            pictures = cluster_pictures(connection, type_name, flags, labels, store, settings.map_texts)
        n_clusters = int(labels.max(initial=-1)) + 1
        n_near = forest.near_eps(settings.radius())
        logger.info(
            "%s: %d texts in %d clusters at eps %g, %d not comparable, %d decisions within 1e-9",
            type_name, len(labels), n_clusters, eps, np.count_nonzero(~flags.comparable), n_near,
        )  # fmt: skip
        return dg.MaterializeResult(
            metadata={**metadata, "eps": eps, "clusters": n_clusters, "pairs_near_eps": n_near, **pictures}
        )

    @dg.asset(
        key=["ml", f"{type_name}_languages"],
        deps=[dg.AssetKey(["intermediate", f"int_{type_name}_merged"])],
        group_name="ml",
        tags=tags,
        kinds={"python"},
        description="The language of each of the type's prompts; each text is looked at once. One row per text.",
    )
    def languages(locations: dg.ResourceParam[Locations]) -> dg.MaterializeResult:
        with locations.step(f"{type_name}: languages", type_name) as step:
            progress = ProgressLog(logger, f"{type_name}: told the language of", "prompts")
            n_detected = detect_missing(locations.database, type_name, progress)
            with connect(locations.database, read_only=True) as connection:
                metadata = relation_metadata(connection, "ml", f"{type_name}_languages")
            step.rows_out = metadata["dagster/row_count"]
        return dg.MaterializeResult(metadata={**metadata, "detected_now": n_detected})

    return [embeddings, forest, clusters, languages]


def _updated_forest(settings: Settings, locations: Locations, type_name: str) -> SavedForest:
    wanted = settings.forest_for(max(settings.eps_max, settings.radius()))
    with connect(locations.database, read_only=True) as connection:
        keys = sorted(text_flags(connection, type_name).comparable_keys())
        previous = read_saved(connection, type_name)
        first = connection.sql(f"SELECT len(embedding) FROM ml.{type_name}_embeddings LIMIT 1").fetchone()
    if previous is not None and previous.answers(keys, wanted):
        logger.info("%s: the forest is up to date", type_name)
        return previous
    check_memory(first[0] if first else 0, len(keys), type_name)
    return update_forest(
        previous,
        keys,
        locations.store(wanted.model).read(keys).vectors,
        wanted,
        files=locations.arrangement(type_name),
        device=settings.clustering_device(),
        progress=ProgressLog(logger, f"{type_name}: compared", "parts"),
    )


def check_memory(dimension: int, n_texts: int, type_name: str) -> None:
    """Refuse to compare more texts than the memory limit holds beside what this process holds already."""
    needed, held, limit = clustering_bytes(n_texts, dimension), held_bytes() or 0, memory_limit_bytes()
    if needed + held > limit:
        raise SettingsError(
            f"to compare {n_texts:,} texts of {type_name}, {dimension} numbers each, takes about "
            f"{needed / 2**30:.1f} GiB beside the {held / 2**30:.1f} GiB that the run holds; the limit is "
            f"{limit / 2**30:.1f} GiB. Raise MEMORY_LIMIT, or set a smaller dimension"
        )


def _clusters_table(keys: list[str], labels: np.ndarray, comparable: np.ndarray, settings: Settings) -> pa.Table:
    n = len(keys)
    identity = settings.identity()
    return pa.table(
        {
            "text_key": pa.array(keys, pa.string()),
            "cluster_id": labels,
            "is_comparable": comparable,
            "eps": np.full(n, settings.resolved_eps()),
            "min_samples": np.full(n, settings.min_samples, dtype=np.int64),
            "metric": pa.array([settings.metric.value] * n, pa.string()),
            "model": pa.array([identity.name] * n, pa.string()),
            "model_key": pa.array([identity.key] * n, pa.string()),
            "model_licence": pa.array([identity.licence] * n, pa.string()),
            "model_non_commercial": pa.array([identity.non_commercial] * n, pa.bool_()),
        }
    )


@lru_cache(maxsize=1)
def load_encoder(identity: ModelIdentity, devices: tuple[str, ...]) -> Encoder:
    """Load a model, once for all steps of a run."""
    return Encoder([load_model(identity, device) for device in devices], identity.long_texts)


ml_assets = [asset for t in TYPES for asset in (*build_ml_assets(t), build_sweep_asset(t))]
