"""One log line for each stage of a run: rows in and out, seconds, peak memory."""

from __future__ import annotations

import logging
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from python_assets.memory import peak_bytes, release_memory

logger = logging.getLogger(__name__)

_CLEAR_REFS = Path("/proc/self/clear_refs")
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
    child_peak : int or None
        The most bytes that a process it started has held, as far as it was watched.
    """

    name: str
    rows_in: int | None = None
    rows_out: int | None = None
    child_peak: int | None = None

    def watch(self, pid: int) -> None:
        """Take note of what a process that the stage started has held so far."""
        self.child_peak = peak_bytes(pid) or self.child_peak


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
    release_memory()
    _reset_peak()
    try:
        yield current
    except BaseException:
        logger.error("%s: failed after %.1f s, peak memory %s", name, time.monotonic() - start, _peak(current))
        raise
    rows = [
        f"{count} rows {way}, "
        for count, way in ((current.rows_in, "in"), (current.rows_out, "out"))
        if count is not None
    ]
    logger.info("%s: %s%.1f s, peak memory %s", name, "".join(rows), time.monotonic() - start, _peak(current))


def _peak(current: Stage) -> str:
    own = f"{(peak_bytes(os.getpid()) or _peak_ever()) / 2**20:.0f} MiB"
    return (
        own if current.child_peak is None else f"{own}, of the process it started {current.child_peak / 2**20:.0f} MiB"
    )


def _peak_ever() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT


def _reset_peak() -> None:
    try:
        _CLEAR_REFS.write_text(_RESET_PEAK, encoding="ascii")
    except OSError:
        return
