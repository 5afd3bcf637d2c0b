"""A disk that is full or read-only, told from every other error, and what to do about it."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb

from python_assets.errors import DiskError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_READ_ONLY = {errno.EROFS}
# As the operating system, SQLite and NumPy say it. Errors of other classes may quote a text of a dataset.
_SAYS_FULL = re.compile(
    "no space left on device|disk quota exceeded|disk is full|not enough free space|requested and .* written"
)
# what SQLite makes of either, as the case may be
_SAYS_BROKEN = re.compile("disk i/o error|unable to open database file")
_FULL_BELOW_BYTES = 1 << 20
_SAYS_READ_ONLY = re.compile("read-only file system|readonly database")
_IO_ERROR = re.compile(r"(IO Error:|OSError:|\[Errno \d+\]|OperationalError:|FATAL Error:).*")
_OF_DISKS = (OSError, sqlite3.Error, duckdb.IOException, duckdb.FatalException, duckdb.TransactionException)


def disk_error(error: BaseException, root: Path) -> DiskError | None:
    """Return what to tell the user where a disk is the cause of an error, or of what caused it, else None.

    Parameters
    ----------
    error : BaseException
    root : Path
        The warehouse directory.
    """
    for one in _chain(error):
        if isinstance(one, DiskError):
            return one
        if isinstance(one, _OF_DISKS):
            code, where = getattr(one, "errno", None), getattr(one, "filename", None)
            found = _explain(code, str(one), root, where)
            if found is not None:
                return found
    return None


def disk_error_of(message: str, root: Path) -> DiskError | None:
    """Return what to tell the user where a program's message says that a disk is the cause, else None."""
    said = (_explain(None, match[0], root, None) for match in _IO_ERROR.finditer(message))
    return next((found for found in said if found is not None), None)


def _explain(code: int | None, text: str, root: Path, where: str | None) -> DiskError | None:
    kept = "What was finished is kept, and the next run goes on from there."
    text = text.lower()
    is_broken = _SAYS_BROKEN.search(text) is not None
    is_writable = os.access(root, os.W_OK)
    has_no_room = is_broken and is_writable and _free_bytes(root) < _FULL_BELOW_BYTES
    if code in _FULL or _SAYS_FULL.search(text) or has_no_room:
        return DiskError(
            f"the disk is full at {where or root} ({_free_bytes(root) / 1e6:.1f} MB are free in {root}): "
            f"make room, or move {root} to a larger disk "
            f"and name it with WAREHOUSE_DIR. {kept}"
        )
    if code in _READ_ONLY or _SAYS_READ_ONLY.search(text) or (is_broken and not is_writable):
        return DiskError(
            f"the disk is read-only at {where or root}: mount it for writing; a system does not write to a disk "
            f"with errors, and its log says so. {kept}"
        )
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            left += [one.__context__, one.__cause__]


def _free_bytes(root: Path) -> int:
    return shutil.disk_usage(root).free
