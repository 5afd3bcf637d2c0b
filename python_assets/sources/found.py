"""What a source answers when it is asked for a dataset: files on this disk, and where they are from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from python_assets.sources.registry import Dataset


@dataclass(frozen=True)
class SourceFile:
    """A file of a dataset on this disk.

    Attributes
    ----------
    path : Path
    name : str
        Its path below the repository's root.
    n_bytes, mtime_ns : int
    sha256 : str or None
        Of its content, where that was checked.
    """

    path: Path
    name: str
    n_bytes: int
    mtime_ns: int
    sha256: str | None = None

    @property
    def identity(self) -> str:
        """What tells this content from another: its hash, else its place and time."""
        return self.sha256 or f"{self.path.resolve()} {self.mtime_ns}"


@dataclass(frozen=True)
class Found:
    """The files of a dataset.

    Attributes
    ----------
    base : Path
        The directory that stands for the repository's root.
    files : tuple of SourceFile
        Sorted by name: the order in which rows are numbered.
    commit : str or None
        The commit that they are from; None where nobody recorded it.
    fetched_at : datetime or None
        When the last of them came.
    """

    base: Path
    files: tuple[SourceFile, ...]
    commit: str | None = None
    fetched_at: datetime | None = None


@dataclass(frozen=True)
class Listed:
    """What a source has of a dataset, before anything is fetched.

    Attributes
    ----------
    found : Found
        The files as they will lie on this disk; those still to come have no time.
    n_bytes_to_fetch : int
    """

    found: Found
    n_bytes_to_fetch: int = 0


class Source(Protocol):
    """Where the files of a dataset come from."""

    def look(self, dataset: Dataset) -> Listed | None:
        """Say what `find` would return, without fetching or changing anything; it raises as `find` does."""
        ...

    def find(self, dataset: Dataset) -> Found | None:
        """Return the dataset's files, on this disk, or None when it is not there.

        Raises
        ------
        SourceError
            It cannot be had, or must not be read.
        """
        ...
