"""Open Dagster's UI on a warehouse: ``make ui``."""

import os
import sys
from pathlib import Path

from dagster_defs.home import prepare_home
from dagster_defs.resources import warehouse_dir


def main() -> None:
    """Become ``dagster dev``, bound to this machine, with its runs below the warehouse."""
    prepare_home(warehouse_dir())
    program = str(Path(sys.executable).parent / "dagster")
    port = os.environ.get("PORT", "3000")
    os.execv(
        program,
        [program, "dev", "-m", "dagster_defs.definitions", "-h", "127.0.0.1", "-p", port],
    )


if __name__ == "__main__":
    main()
