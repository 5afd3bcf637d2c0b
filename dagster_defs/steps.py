"""What every step of a run does beside its work: its log, its claim on the warehouse, its errors for users."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from python_assets.disk import disk_error
from python_assets.errors import WarehouseError
from python_assets.progress import log_to_files
from python_assets.run_lock import claim_warehouse
from python_assets.stages import Stage, stage

_latest: list[str] = []


@contextmanager
def running_step(root: Path, name: str, types: Iterable[str]) -> Iterator[Stage]:
    """Run a step: log to the types' files what it did, and turn errors for users into failures."""
    _latest[:] = [name]
    try:
        with log_to_files(root / "logs", types):
            claim_warehouse(root, "of Dagster's UI")
            with stage(name) as current:
                yield current
    except Exception as error:
        known = disk_error(error, root) or error
        if not isinstance(known, WarehouseError):
            raise
        raise dg.Failure(description=str(known), allow_retries=False) from None


def latest_step() -> str:
    """Return the step that this process was at last."""
    return _latest[0] if _latest else "start"
