"""Where Dagster keeps its runs: below the warehouse directory."""

import os
import shutil
from pathlib import Path

_TEMPLATE = Path(__file__).with_name("dagster.yaml")


def prepare_home(warehouse_dir: Path) -> Path:
    """Create ``<warehouse>/dagster`` with its settings and make it Dagster's home."""
    home = warehouse_dir / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_TEMPLATE, home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    return home
