"""One log line for each stage of a run: rows in and out, seconds, peak memory."""

from __future__ import annotations

import logging
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

_CLEAR_REFS = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
_RESET_PEAK = "5"


@dataclass
class Stage:
    """What a stage has to say of itself.

    Attributes
    ----------
    name : str
        Such as ``"sft: embeddings"``.
    rows_in, rows_out : int or None
        What it read and what it made; None where rows are not what it works on.
    """

    name: str
    rows_in: int | None = None
    rows_out: int | None = None


@contextmanager
def stage(name: str) -> Iterator[Stage]:
    """Log one line when the block ends, and when it fails, after how long.

    Parameters
    ----------
    name : str

    Yields
    ------
    Stage
        The block sets its `rows_in` and `rows_out`.
    """
    current = Stage(name)
    start = time.monotonic()
    _reset_peak()
    try:
        yield current
    except BaseException:
        logger.error("%s: failed after %.1f s, peak memory %s", name, time.monotonic() - start, _peak())
        raise
    rows = [
        f"{count} rows {way}, "
        for count, way in ((current.rows_in, "in"), (current.rows_out, "out"))
        if count is not None
    ]
    logger.info("%s: %s%.1f s, peak memory %s", name, "".join(rows), time.monotonic() - start, _peak())


def peak_bytes() -> int:
    """Return the most memory this process has held since the stage began, or, where that is not known, ever."""
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024
    except (OSError, StopIteration):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _peak() -> str:
    return f"{peak_bytes() / 2**20:.0f} MiB"


def _reset_peak() -> None:
    try:
        _CLEAR_REFS.write_text(_RESET_PEAK, encoding="ascii")
    except OSError:
        return
