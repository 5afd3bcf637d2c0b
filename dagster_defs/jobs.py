"""A job for each type and one for all of them; the same again for another eps only."""

from collections.abc import Sequence

import dagster as dg

from dagster_defs.settings import Settings
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


def _relabelled(types: Sequence[str]) -> dg.AssetSelection:
    tables = [["ml", f"{type_name}_{table}"] for type_name in types for table in ("clusters", "eps_sweep")]
    selection = dg.AssetSelection.assets(*tables).downstream()
    return selection if len(types) > 1 else selection & dg.AssetSelection.tag(types[0], "")


eps_jobs = [
    dg.define_asset_job(
        f"{name}_eps",
        selection=_relabelled(types),
        config=LAUNCHPAD,
        description="Another eps for a finished warehouse: labels, marts and files anew, from the vectors and the "
        "forest that are there.",
    )
    for name, types in (*((type_name, [type_name]) for type_name in TYPES), ("all", TYPES))
]

jobs = [*type_jobs, all_job, *eps_jobs]
