"""What a killed run leaves unfinished."""

from __future__ import annotations

import shutil
from pathlib import Path

_UNFINISHED = (
    "outputs/*/*/.*.part",
    "arrangements/*/.*.part",
    # what DuckDB had no room for in memory, and where dbt worked
    "warehouse.duckdb.tmp/duckdb_temp_*",
    "dbt/target/dbt_models-*",
)


def remove_leftovers(root: Path) -> None:
    """Remove unfinished files below a warehouse directory, where no other run may work meanwhile.

    Unfinished downloads stay, as the next run goes on with them; the store of vectors has a lock of its own.
    """
    for pattern in _UNFINISHED:
        for path in root.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
