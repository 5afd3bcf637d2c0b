"""A job for each type, and one for all of them."""

import dagster as dg

from dagster_defs.resources import Settings
from python_assets.sources.registry import TYPES

LAUNCHPAD = {"resources": {"settings": {"config": Settings().shown_in_launchpad()}}}

type_jobs = [
    dg.define_asset_job(
        type_name,
        selection=dg.AssetSelection.tag(type_name, ""),
        config=LAUNCHPAD,
        description=f"From raw files to output files, for the datasets that feed {type_name}.",
    )
    for type_name in TYPES
]

all_job = dg.define_asset_job(
    "all",
    selection=dg.AssetSelection.all(),
    config=LAUNCHPAD,
    description="From raw files to output files, for every dataset.",
)

jobs = [*type_jobs, all_job]
