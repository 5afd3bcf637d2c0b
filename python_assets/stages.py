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
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


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
    child_seconds = _child_seconds()
    _reset_peak()
    try:
        yield current
    except BaseException:
        logger.error("%s: failed after %.1f s, peak memory %s", name, time.monotonic() - start, _peak(child_seconds))
        raise
    rows = [
        f"{count} rows {way}, "
        for count, way in ((current.rows_in, "in"), (current.rows_out, "out"))
        if count is not None
    ]
    logger.info("%s: %s%.1f s, peak memory %s", name, "".join(rows), time.monotonic() - start, _peak(child_seconds))


def peak_bytes() -> int:
    """Return the most memory this process has held since the stage began, or, where that is not known, ever."""
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT


def _peak(child_seconds: float) -> str:
    own = f"{peak_bytes() / 2**20:.0f} MiB"
    if _child_seconds() == child_seconds:
        return own
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _MAXRSS_UNIT
    return f"{own}, of the largest process it started {children / 2**20:.0f} MiB"


def _child_seconds() -> float:
    """Processor time of the processes that this one started and that have ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def _reset_peak() -> None:
    try:
        _CLEAR_REFS.write_text(_RESET_PEAK, encoding="ascii")
    except OSError:
        return
