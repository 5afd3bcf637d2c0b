"""Checks that the files say what the tables say."""

import dagster as dg
import numpy as np

from dagster_defs.exports import labelled_with
from dagster_defs.resources import Locations
from dagster_defs.settings import Settings
from python_assets.sources.registry import TYPES
from python_assets.warehouse import connect


def build_files_check(type_name: str) -> dg.AssetChecksDefinition:
    """Build the check that a type's files hold every kept row and a label of every merged row."""

    @dg.asset_check(
        asset=dg.AssetKey(["outputs", type_name]),
        description="As many JSONL lines as kept rows, as many labels as merged rows.",
    )
    def files_match_tables(settings: Settings, locations: dg.ResourceParam[Locations]) -> dg.AssetCheckResult:
        with (
            locations.step(f"{type_name}: check of the files", type_name),
            connect(locations.database, read_only=True) as connection,
        ):
            kept, merged = connection.sql(
                f"SELECT count(*) FILTER (WHERE is_kept), count(*) FROM intermediate.int_{type_name}_survivors"
            ).fetchall()[0]
            eps, _ = labelled_with(connection, type_name, settings)
        files = locations.files(type_name, eps)
        with files.named("dedup", ".jsonl").open("rb") as lines:
            n_lines = sum(1 for _ in lines)
        n_labels = len(np.load(files.named("labels", ".npy"), mmap_mode="r"))
        return dg.AssetCheckResult(
            passed=(n_lines, n_labels) == (kept, merged),
            metadata={"kept": kept, "lines": n_lines, "merged": merged, "labels": n_labels},
        )

    return files_match_tables


file_checks = [build_files_check(type_name) for type_name in TYPES]
