"""One asset per dataset of the registry: its raw table."""

import logging
from collections.abc import Iterator

import dagster as dg

from dagster_defs.previews import relation_metadata
from dagster_defs.resources import Locations
from dagster_defs.settings import Settings
from dagster_defs.translator import type_tags
from python_assets.progress import ProgressLog
from python_assets.sources.gone import remove_gone
from python_assets.sources.loads import load_and_record, obtain
from python_assets.sources.record import REFUSED
from python_assets.sources.registry import TYPES, Dataset, load_registry
from python_assets.warehouse import connect

logger = logging.getLogger(__name__)


def build_raw_asset(dataset: Dataset) -> dg.AssetsDefinition:
    """Build the asset that loads a dataset into its raw table."""
    key = dg.AssetKey(["raw", dataset.table])
    spec = dg.AssetCheckSpec("not_refused", asset=key, description="Its files could be loaded.")

    @dg.asset(
        key=key,
        group_name="raw",
        description=dataset.description,
        tags=type_tags(dataset.feeds),
        kinds={"duckdb", dataset.format},
        check_specs=[spec],
        metadata={
            "dataset": dataset.dataset,
            "hub": dg.MetadataValue.url(f"https://huggingface.co/datasets/{dataset.repo}"),
            "revision": dataset.revision,
            "licence": dataset.licence,
            "non_commercial": dataset.non_commercial,
            "no_redistribution": dataset.no_redistribution,
            "gated": dataset.gated,
        },
    )
    def raw_asset(settings: Settings, locations: dg.ResourceParam[Locations]) -> Iterator[dg.MaterializeResult]:
        with locations.step(f"load of {dataset.dataset}", *dataset.feeds) as step:
            selection = settings.selection()
            selection.check(REGISTRY)
            obtained = obtain(dataset, locations.source(settings.source), selection)
            progress = ProgressLog(logger, f"{dataset.dataset}: read", "records")
            with connect(locations.database) as connection:
                load = load_and_record(connection, dataset, obtained, max_rows=selection.max_rows, progress=progress)
                metadata = relation_metadata(connection, "raw", dataset.table)
            step.rows_out = metadata["dagster/row_count"]
        yield dg.MaterializeResult(
            metadata={
                **metadata,
                "status": load.status,
                "unreadable_records": load.n_unreadable,
                "is_unchanged": load.is_unchanged,
                "max_rows": load.max_rows,
                "commit": load.found.commit if load.found else None,
                "files": [str(file.path) for file in load.found.files] if load.found else [],
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name=spec.name,
                    passed=load.status != REFUSED,
                    description=load.error,
                )
            ],
        )

    return raw_asset


REGISTRY = load_registry()


@dg.asset(
    key=["raw", "_loads"],
    deps=[dg.AssetKey(["raw", dataset.table]) for dataset in REGISTRY],
    group_name="raw",
    tags=type_tags(TYPES),
    kinds={"duckdb"},
    description="What came of the last load of each dataset. One row per raw table.",
)
def loads(locations: dg.ResourceParam[Locations]) -> dg.MaterializeResult:
    """Show the record of loads, which the raw assets write; what the registry no longer names is removed."""
    with locations.step("record of loads"), connect(locations.database) as connection:
        removed = remove_gone(connection, REGISTRY)
        return dg.MaterializeResult(metadata={**relation_metadata(connection, "raw", "_loads"), "removed": removed})


raw_assets = [*(build_raw_asset(dataset) for dataset in REGISTRY), loads]
