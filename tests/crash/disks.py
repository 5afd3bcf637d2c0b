"""Small disks that can fill up or turn read-only, as memory that is mounted; only root may do that."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A small disk that is mounted at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill_up(self, left: int = 0) -> None:
        """Let only so many bytes be free."""
        self.resize(shutil.disk_usage(self.path).used + left)

    def resize(self, n_bytes: int) -> None:
        """Let it have so many bytes in all."""
        _mount("-o", f"remount,size={max(n_bytes, 4096)}", str(self.path))

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Let nothing be written by programs that open files meanwhile."""
        _mount("--bind", str(self.path), str(self.path))
        try:
            _mount("-o", "remount,ro,bind", str(self.path))
            yield
        finally:
            subprocess.run(["umount", "--lazy", str(self.path)], check=True)


@contextmanager
def disk(path: Path, n_bytes: int = 1 << 30) -> Iterator[Disk]:
    """Mount a disk in a new directory for as long as the block takes; skip the test where that is not permitted."""
    path.mkdir(parents=True)
    try:
        _mount("-t", "tmpfs", "-o", f"size={n_bytes}", "tmpfs", str(path))
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        pytest.skip(f"a disk cannot be mounted here: {said.strip()}")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)
