"""How much memory a run may take, what this process holds, and giving back what it no longer needs."""

from __future__ import annotations

import ctypes
import gc
import os
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa

from python_assets.errors import SettingsError

MEMORY_SHARE = 0.7
# The rest is for the Python beside it: the job's own process, and dbt's.
DUCKDB_SHARE = 2 / 3
# Looking through a process that holds less takes longer than it is worth.
_IDLE_SHARE = 1 / 8
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_STATUS = "/proc/{}/status"


def memory_limit() -> str:
    """Memory that a stage may take, as DuckDB reads it: ``MEMORY_LIMIT``, else 70% of what this process may use."""
    if limit := os.environ.get("MEMORY_LIMIT"):
        return limit
    available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if _CGROUP_LIMIT.exists() and (text := _CGROUP_LIMIT.read_text().strip()).isdigit():
        available = min(available, int(text))
    return f"{int(available * MEMORY_SHARE) >> 20}MiB"


def memory_limit_bytes() -> int:
    """Return the memory limit in bytes.

    Raises
    ------
    SettingsError
        ``MEMORY_LIMIT`` is no size.
    """
    return _n_bytes(memory_limit())


@lru_cache
def _n_bytes(size: str) -> int:
    try:
        # a connection of its own, as duckdb's default one is not for several threads at once
        with duckdb.connect() as connection:
            ((n_bytes,),) = connection.execute("SELECT parse_formatted_bytes(?)", [size]).fetchall()
    except duckdb.Error:
        raise SettingsError(f"MEMORY_LIMIT is {size!r}; it can be a size such as 8GB or 512MiB") from None
    return int(n_bytes)


def duckdb_memory_limit() -> str:
    """Return what of the memory limit DuckDB may take, two thirds, as DuckDB reads it."""
    return f"{int(memory_limit_bytes() * DUCKDB_SHARE) >> 20}MiB"


def held_bytes() -> int | None:
    """Return how much memory this process holds now, None where the system does not tell."""
    return _status(os.getpid(), "VmRSS")


def peak_bytes(pid: int) -> int | None:
    """Return the most memory that a process has held, None where the system does not tell."""
    return _status(pid, "VmHWM")


def _status(pid: int, field: str) -> int | None:
    try:
        lines = Path(_STATUS.format(pid)).read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:")), None)


def release_memory() -> None:
    """Give back to the system what this process has freed but keeps, once it holds an eighth of the limit."""
    if (held_bytes() or 0) < memory_limit_bytes() * _IDLE_SHARE:
        return
    gc.collect()
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
