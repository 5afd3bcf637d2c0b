"""Notes beside downloaded files: which content was checked, so that it is not read again to be sure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from python_assets.files import write_aside
from python_assets.sources.patterns import CACHE_DIR

_HASHED_BYTES = 1 << 20


@dataclass(frozen=True)
class Verified:
    """What is known of a file since its content was checked.

    Attributes
    ----------
    n_bytes, mtime_ns : int
        Of the file when it was checked; with others the note says nothing any more.
    sha256 : str
    git_sha1 : str
        As git names the content.
    commit : str
        The commit that it was fetched from.
    fetched_at : str
        In ISO 8601.
    """

    n_bytes: int
    mtime_ns: int
    sha256: str
    git_sha1: str
    commit: str
    fetched_at: str

    @property
    def time(self) -> datetime:
        """When it was fetched."""
        return datetime.fromisoformat(self.fetched_at)


@dataclass(frozen=True)
class RemoteFile:
    """A file as the Hub lists it.

    Attributes
    ----------
    name : str
        Path below the repository's root.
    n_bytes : int
    sha256, git_sha1 : str or None
        Its content; the Hub lists one of them.
    """

    name: str
    n_bytes: int
    sha256: str | None
    git_sha1: str | None

    def is_that_of(self, note: Verified) -> bool:
        """Tell whether a content that was checked is this file's."""
        return note.n_bytes == self.n_bytes and (
            note.sha256 == self.sha256 if self.sha256 else note.git_sha1 == self.git_sha1
        )


def notes_dir(base: Path) -> Path:
    """Return the directory of notes and unfinished files inside a repository's directory."""
    return base / CACHE_DIR / "warehouse"


def read_note(base: Path, name: str) -> Verified | None:
    """Return what is known of a file, or None where there is no note or the file has changed since."""
    try:
        stat = (base / name).stat()
        note = Verified(**json.loads(_note(base, name).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return note if (stat.st_size, stat.st_mtime_ns) == (note.n_bytes, note.mtime_ns) else None


def commit_by_other_tool(base: Path, name: str) -> str | None:
    """Return the commit that ``hf download --local-dir`` noted for a file that has not changed since, or None."""
    try:
        commit, _, noted_at = (
            (base / CACHE_DIR / "huggingface" / "download" / f"{name}.metadata").read_text("utf-8").split()
        )
        is_current = (base / name).stat().st_mtime - 1 <= float(noted_at)
    except (OSError, ValueError):
        return None
    return commit if is_current else None


def write_note(base: Path, name: str, note: Verified) -> None:
    """Keep what is known of a file."""
    with write_aside(_note(base, name)) as aside:
        aside.write_text(json.dumps(asdict(note)), encoding="utf-8")


def check(path: Path, commit: str) -> Verified:
    """Read a file and return what is to be known of it."""
    stat = path.stat()
    sha256 = hashlib.sha256()
    git_sha1 = hashlib.sha1(b"blob %d\0" % stat.st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while part := file.read(_HASHED_BYTES):
            sha256.update(part)
            git_sha1.update(part)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Verified(stat.st_size, stat.st_mtime_ns, sha256.hexdigest(), git_sha1.hexdigest(), commit, now)


def _note(base: Path, name: str) -> Path:
    return notes_dir(base) / f"{name}.json"
