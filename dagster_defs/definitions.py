"""Everything that Dagster shows."""

import dagster as dg

from dagster_defs.checks import file_checks
from dagster_defs.contamination import contamination_assets
from dagster_defs.dbt import dbt_models
from dagster_defs.exports import file_assets
from dagster_defs.jobs import jobs
from dagster_defs.ml import ml_assets
from dagster_defs.raw import raw_assets
from dagster_defs.resources import Locations, raw_dirs, warehouse_dir
from dagster_defs.settings import Settings

defs = dg.Definitions(
    assets=[*raw_assets, dbt_models, *ml_assets, *contamination_assets, *file_assets],
    asset_checks=file_checks,
    jobs=jobs,
    executor=dg.in_process_executor,
    resources={
        "settings": Settings(),
        "locations": Locations(raw_dirs(), warehouse_dir()),
    },
)
