"""Files that are complete or absent."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def write_aside(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is synced to disk and takes its place.

    A reader sees the earlier file or the new one, never a part. On an error the temporary file is
    removed and the earlier file stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    try:
        yield aside
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def allocate(path: Path) -> None:
    """Take the room on the disk that a file of this size needs and may not have yet.

    Raises
    ------
    OSError
        There is not enough.
    """
    if sys.platform != "linux":
        return
    with path.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
