"""The items of benchmarks, and per type the prompts that repeat one."""

import logging

import dagster as dg
import pyarrow as pa

from dagster_defs.ml import check_memory, load_encoder
from dagster_defs.previews import relation_metadata
from dagster_defs.resources import Locations
from dagster_defs.settings import Settings, Text
from dagster_defs.translator import type_tags
from python_assets.contamination.items import SCHEMA, read_items
from python_assets.contamination.table import (
    ItemTexts,
    embedding_matches,
    in_order,
    lexical_matches,
    near_items,
)
from python_assets.embeddings.embed import embed_missing
from python_assets.embeddings.encoded import is_comparable
from python_assets.progress import ProgressLog
from python_assets.sources.registry import TYPES
from python_assets.texts import text_flags
from python_assets.warehouse import connect, replace_table

logger = logging.getLogger(__name__)

ITEMS = dg.AssetKey(["ml", "benchmark_items"])


@dg.asset(
    key=ITEMS,
    group_name="ml",
    tags=type_tags(TYPES),
    kinds={"python"},
    description="What the benchmarks ask whose items are kept out; no item ever becomes a row of a type. One row per "
    "benchmark and item.",
)
def benchmark_items(settings: Settings, locations: dg.ResourceParam[Locations]) -> dg.MaterializeResult:
    """Read the benchmarks that the settings name."""
    with locations.step("items of the benchmarks", *TYPES) as step:
        benchmarks = settings.parsed_benchmarks()
        items = read_items(benchmarks, locations.source(settings.source)) if benchmarks else SCHEMA.empty_table()
        step.rows_out = len(items)
        with connect(locations.database) as connection:
            replace_table(connection, "ml", "benchmark_items", items)
            return dg.MaterializeResult(metadata=relation_metadata(connection, "ml", "benchmark_items"))


def build_contamination_asset(type_name: str) -> dg.AssetsDefinition:
    """Build the asset that finds a type's prompts among the items of benchmarks."""
    table = f"{type_name}_contamination"

    @dg.asset(
        key=["ml", table],
        deps=[
            ITEMS,
            dg.AssetKey(["intermediate", f"int_{type_name}_merged"]),
            dg.AssetKey(["ml", f"{type_name}_embeddings"]),
            dg.AssetKey(["ml", f"{type_name}_forest"]),
        ],
        group_name="ml",
        tags=type_tags([type_name]),
        kinds={"python", "numba"},
        description="The type's prompts that repeat an item of a benchmark: the same words, common n-grams, or a near "
        "vector. One row per merged row, benchmark, item and method.",
    )
    def contamination(settings: Settings, locations: dg.ResourceParam[Locations]) -> dg.MaterializeResult:
        with locations.step(f"{type_name}: contamination", type_name) as step:
            with connect(locations.database, read_only=True) as connection:
                items = connection.sql("SELECT * FROM ml.benchmark_items ORDER BY benchmark, item").to_arrow_table()
            found = [
                lexical_matches(
                    locations.database, type_name, items, settings.ngram_shares(),
                    ProgressLog(logger, f"{type_name}: compared words of", "prompts"),
                )
            ]  # fmt: skip
            if len(items) and settings.benchmark_radius() > 0:
                found.append(_near(settings, locations, type_name, items))
            matches = in_order(pa.concat_tables(found))
            step.rows_in, step.rows_out = len(items), len(matches)
            with connect(locations.database) as connection:
                replace_table(connection, "ml", table, matches)
                metadata = relation_metadata(connection, "ml", table)
        return dg.MaterializeResult(metadata=metadata)

    return contamination


def _near(settings: Settings, locations: Locations, type_name: str, items: pa.Table) -> pa.Table:
    """Compare the type's vectors with those of the items."""
    if settings.text is Text.prompt_solution:
        logger.warning("%s: with text prompt_solution, items are compared with prompts and their solutions", type_name)
    identity, texts = settings.identity(), ItemTexts(items)
    store = locations.store(identity.key)
    embed_missing(
        store,
        texts.keys(),
        texts,
        lambda: load_encoder(identity, settings.devices()),
        batch_tokens=settings.resolved_batch_tokens(),
        described=identity.described(),
        progress=ProgressLog(logger, "benchmarks: embedded", "texts"),
    )
    seen = store.read(texts.keys())
    comparable = is_comparable(seen.n_tokens, seen.n_unknown, seen.is_truncated)
    item_keys = [key for key, yes in zip(texts.keys(), comparable, strict=True) if yes]
    with connect(locations.database, read_only=True) as connection:
        keys = sorted(text_flags(connection, type_name).comparable_keys())
    check_memory(seen.vectors.shape[1], len(keys) + len(item_keys), type_name)
    near = near_items(
        keys,
        item_keys,
        store.read([*keys, *item_keys]).vectors,
        settings.benchmark_radius(),
        arrangement=locations.arrangement(type_name).read(identity.key, keys) if _reaches(settings) else None,
        device=settings.clustering_device(),
        progress=ProgressLog(logger, f"{type_name}: compared with the items", "parts"),
    )
    with connect(locations.database, read_only=True) as connection:
        return embedding_matches(connection, type_name, items, near)


def _reaches(settings: Settings) -> bool:
    """Tell whether the forest's arrangement was made for a radius as large as the items'."""
    return settings.benchmark_radius() <= max(settings.eps_max, settings.radius())


contamination_assets = [benchmark_items, *(build_contamination_asset(type_name) for type_name in TYPES)]
