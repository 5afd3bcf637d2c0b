"""Per type: what every eps would merge, and how well it agrees with labelled pairs."""

import logging
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa

from dagster_defs.previews import image, markdown_table, relation_metadata
from dagster_defs.resources import Locations
from dagster_defs.settings import Settings
from dagster_defs.translator import type_tags
from python_assets.clustering.comparable import label_all
from python_assets.clustering.tables import read_forest
from python_assets.clustering.vectors import Int64Array
from python_assets.exports.plots import plot_sweep
from python_assets.labelled_pairs import LabelledPairs, read_labelled_pairs
from python_assets.texts import text_flags
from python_assets.warehouse import connect, replace_table

logger = logging.getLogger(__name__)

SWEEP_VALUES = 70
MISJUDGED_SHOWN = 30


def build_sweep_asset(type_name: str) -> dg.AssetsDefinition:
    """Build the asset that describes every eps of a type."""

    @dg.asset(
        key=["ml", f"{type_name}_eps_sweep"],
        deps=[dg.AssetKey(["ml", f"{type_name}_forest"]), dg.AssetKey(["intermediate", f"int_{type_name}_texts"])],
        group_name="ml",
        tags=type_tags([type_name]),
        kinds={"python"},
        description="What every eps up to eps_max would merge, from one forest, and its precision and recall against "
        "labelled pairs. One row per value of eps.",
    )
    def eps_sweep(settings: Settings, locations: dg.ResourceParam[Locations]) -> dg.MaterializeResult:
        with locations.step(f"{type_name}: eps sweep", type_name) as step, connect(locations.database) as connection:
            flags = text_flags(connection, type_name)
            step.rows_in, step.rows_out = len(flags.keys), SWEEP_VALUES
            wanted = settings.forest_for(settings.radius())
            forest = read_forest(connection, type_name, flags.order_of_comparable(), wanted)

            def labels_at(eps: float) -> Int64Array:
                return label_all(forest.labels(eps), flags.comparable, settings.min_samples)

            values = np.linspace(0, forest.eps_max, SWEEP_VALUES + 1)[1:].tolist()
            sweep = forest.sweep(values)
            columns = {name: sweep[name] for name in sweep.dtype.names}
            judged: dict[str, Any] = {}
            scores = None
            if settings.labelled_pairs:
                pairs = read_labelled_pairs(Path(settings.labelled_pairs), connection, type_name, flags.keys)
                scores = pairs.scores(values, labels_at)
                judged = _judged(pairs, labels_at(settings.radius()))
                if pairs.unknown:
                    logger.warning(
                        "%s: labelled pairs left out, no such row: %s", type_name, ", ".join(pairs.unknown[:10])
                    )
            for name, score in zip(("precision", "recall"), scores or (np.full(len(values), np.nan),) * 2, strict=True):
                columns[name] = pa.array(score, pa.float64(), from_pandas=True)
            replace_table(connection, "ml", f"{type_name}_eps_sweep", pa.table(columns))
            metadata = relation_metadata(connection, "ml", f"{type_name}_eps_sweep")
        plot = image(plot_sweep(sweep, settings.radius(), type_name, scores))
        return dg.MaterializeResult(metadata={**metadata, "plot": plot, **judged})

    return eps_sweep


def _judged(pairs: LabelledPairs, labels: Int64Array) -> dict[str, Any]:
    """Describe what the chosen eps makes of the labelled pairs."""
    joined = pairs.joined(labels)
    wrong = np.flatnonzero(joined != pairs.is_same)[:MISJUDGED_SHOWN].tolist()
    rows = [(*pairs.ids[k], "different, but merged" if joined[k] else "same, but apart") for k in wrong]
    return {
        "labelled_pairs": len(pairs),
        "labelled_pairs_judged_right": int((joined == pairs.is_same).sum()),
        "misjudged_at_eps": dg.MetadataValue.md(
            markdown_table(["source_prompt_id", "other_source_prompt_id", "judgement"], rows) if rows else "none"
        ),
    }
