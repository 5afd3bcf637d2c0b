"""A read-only SQL shell on the warehouse, as soon as no run holds it: ``make sql``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from python_assets.errors import SettingsError, WarehouseError
from python_assets.progress import log_to_terminal
from python_assets.warehouse import connect, warehouse_path


def wait_for_warehouse(warehouse_dir: Path) -> Path:
    """Return the warehouse file once it can be read.

    Raises
    ------
    SettingsError
        There is no warehouse yet.
    WarehouseBusyError
        A run still holds it after a minute.
    """
    path = warehouse_path(warehouse_dir)
    if not path.exists():
        raise SettingsError(f"there is no warehouse at {path} yet; `make run` makes it")
    with connect(path, read_only=True):
        return path


def main() -> None:
    """Wait for the warehouse, then become DuckDB's own shell."""
    log_to_terminal()
    try:
        path = wait_for_warehouse(Path(os.environ["WAREHOUSE_DIR"]))
    except WarehouseError as error:
        sys.exit(f"error: {error}")
    shell = str(Path(sys.executable).parent / "duckdb")
    os.execv(shell, [shell, "-readonly", str(path), *sys.argv[1:]])


if __name__ == "__main__":
    main()
