"""Per type: the files that leave the warehouse."""

import logging
import shlex

import dagster as dg
import duckdb

from dagster_defs.raw import REGISTRY
from dagster_defs.resources import Locations
from dagster_defs.settings import Settings
from dagster_defs.translator import type_tags
from python_assets.exports.files import (
    FOLDER,
    OutputFiles,
    write_embeddings,
    write_labels,
    write_records,
    write_summary,
    write_top_clusters,
)
from python_assets.exports.made_from import (
    describe,
    describe_merged_rows,
    describe_settings,
    forget_made_from,
    loaded_datasets,
    made_from_other_rows,
    write_made_from,
)
from python_assets.exports.review.write import write_review
from python_assets.exports.trainer_files import open_trainer_files
from python_assets.progress import ProgressLog
from python_assets.sources.registry import TYPES
from python_assets.warehouse import connect

logger = logging.getLogger(__name__)


def build_files_asset(type_name: str) -> dg.AssetsDefinition:
    """Build the asset that writes a type's output files."""

    @dg.asset(
        key=["outputs", type_name],
        deps=[
            dg.AssetKey(["marts", f"unified_{type_name}"]),
            dg.AssetKey(["marts", "top_clusters"]),
            dg.AssetKey(["marts", "duplicate_pairs"]),
            dg.AssetKey(["marts", "dedup_summary"]),
            dg.AssetKey(["marts", "eps_sweep"]),
            dg.AssetKey(["marts", "contamination"]),
            dg.AssetKey(["ml", f"{type_name}_embeddings"]),
            dg.AssetKey(["ml", f"{type_name}_forest"]),
        ],
        group_name="exports",
        tags=type_tags([type_name]),
        kinds={"python", "parquet"},
        description="The type's output files: deduplicated and unified JSONL and Parquet, labels, "
        "embeddings, the largest clusters, summary.csv, a page on which to judge the clusters, the files for TRL "
        "and LLaMA-Factory, and what all of them were made from.",
    )
    def files_asset(settings: Settings, locations: dg.ResourceParam[Locations]) -> dg.MaterializeResult:
        with (
            locations.step(f"{type_name}: files", type_name) as step,
            connect(locations.database, read_only=True) as connection,
        ):
            eps, model_key = labelled_with(connection, type_name, settings)
            files = locations.files(type_name, eps)
            forget_made_from(files.directory)
            progress = ProgressLog(logger, f"{type_name}: wrote", "rows")
            with open_trainer_files(files.directory, type_name, settings.trainer_files) as trainer_files:
                n_rows = write_records(connection, files, progress, trainer_files.write)
            for name, outcomes in trainer_files.summary().items():
                logger.info("%s: %s: %s", type_name, name, _listed(outcomes))
            step.rows_in = step.rows_out = n_rows
            write_labels(connection, files)
            write_top_clusters(connection, files)
            write_summary(connection, files)
            write_review(connection, files.review, type_name, eps)
            if settings.write_embeddings:
                write_embeddings(connection, files, locations.store(model_key))
            write_provenance(connection, type_name, files, settings, locations)
            logger.info("%s: files are in %s", type_name, files.directory)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": n_rows,
                "cluster_review": dg.MetadataValue.path(files.review),
                "directory": dg.MetadataValue.path(files.directory),
                "files": [
                    path.relative_to(files.directory).as_posix()
                    for path in sorted(files.directory.rglob("*"))
                    if path.is_file()
                ],
                "trainer_files": {name: _listed(outcomes) for name, outcomes in trainer_files.summary().items()},
            }
        )

    return files_asset


def write_provenance(
    connection: duckdb.DuckDBPyConnection, type_name: str, files: OutputFiles, settings: Settings, locations: Locations
) -> None:
    """Write what a folder was made from, and warn of the type's folders that were made from other rows."""
    merged_rows = describe_merged_rows(connection, type_name)
    of_tables = describe_settings(connection, type_name, settings.deciding_files())
    datasets = loaded_datasets(connection, type_name, REGISTRY)
    write_made_from(files.directory, describe(type_name, of_tables, datasets, merged_rows))
    for folder in made_from_other_rows(locations.outputs, type_name, merged_rows):
        eps = folder.name.removeprefix(FOLDER)
        logger.warning(
            "%s: %s was made from other rows; to renew it: make eps WAREHOUSE_DIR=%s TYPE=%s EPS=%s (and its SETTINGS)",
            *(type_name, folder, shlex.quote(str(locations.root)), type_name, shlex.quote(eps)),
        )


def _listed(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{outcome} {n_rows}" for outcome, n_rows in outcomes.items())


def labelled_with(connection: duckdb.DuckDBPyConnection, type_name: str, settings: Settings) -> tuple[float, str]:
    """Return the eps and the model's key of a type's labels; of the settings where there is no label."""
    eps, model_key = connection.sql(
        f"SELECT any_value(eps), any_value(model_key) FROM ml.{type_name}_clusters"
    ).fetchall()[0]
    return (settings.resolved_eps(), settings.identity().key) if eps is None else (eps, model_key)


file_assets = [build_files_asset(type_name) for type_name in TYPES]
