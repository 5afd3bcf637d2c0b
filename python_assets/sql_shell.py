"""A read-only SQL shell on the warehouse, as soon as no run holds it: ``make sql``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from python_assets.errors import SettingsError, WarehouseError
from python_assets.progress import log_to_terminal
from python_assets.warehouse import connect, warehouse_path


@contextmanager
def readable_warehouse(warehouse_dir: Path) -> Iterator[Path]:
    """Wait until the warehouse can be read, and hold it open so that no run takes it before another reader has it.

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
        yield path


def main() -> None:
    """Wait for the warehouse, then run DuckDB's own shell."""
    log_to_terminal()
    shell = str(Path(sys.executable).parent / "duckdb")
    try:
        with readable_warehouse(Path(os.environ["WAREHOUSE_DIR"])) as path:
            # an interrupt is for the shell, which gets it as well
            signal.signal(signal.SIGINT, lambda number, frame: None)
            code = subprocess.run([shell, "-readonly", str(path), *sys.argv[1:]], check=False).returncode
    except WarehouseError as error:
        sys.exit(f"error: {error}")
    sys.exit(code)


if __name__ == "__main__":
    main()
