"""A job for each type, and one for all of them."""

import dagster as dg

from python_assets.sources.registry import TYPES

type_jobs = [
    dg.define_asset_job(
        type_name,
        selection=dg.AssetSelection.tag(type_name, ""),
        description=f"From raw files to output files, for the datasets that feed {type_name}.",
    )
    for type_name in TYPES
]

all_job = dg.define_asset_job(
    "all",
    selection=dg.AssetSelection.all(),
    description="From raw files to output files, for every dataset.",
)

jobs = [*type_jobs, all_job]
