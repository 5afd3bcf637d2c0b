"""A read-only SQL shell on the warehouse, as soon as no run holds it: ``make sql``."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from python_assets.errors import WarehouseError
from python_assets.warehouse import connect, warehouse_path


def main() -> int:
    """Wait for the warehouse, then become DuckDB's own shell."""
    logging.basicConfig(format="%(message)s")
    path = warehouse_path(Path(os.environ["WAREHOUSE_DIR"]))
    if not path.exists():
        print(f"error: there is no warehouse at {path} yet; `make run` makes it", file=sys.stderr)
        return 1
    try:
        with connect(path, read_only=True):
            pass
    except WarehouseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    shell = str(Path(sys.executable).parent / "duckdb")
    os.execv(shell, [shell, "-readonly", str(path), *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
