"""Directories in the Hub's layout, as a download tool leaves them: ``<root>/<org>/<name>/...``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from python_assets.errors import SettingsError, SourceError
from python_assets.sources.found import Found, Listed, SourceFile
from python_assets.sources.patterns import CACHE_DIR, is_text, leaves_its_directory, readable
from python_assets.sources.registry import Dataset
from python_assets.sources.verified import commit_by_other_tool, read_note


class LocalSource:
    """Datasets that already lie on this machine; their files are read where they are.

    Parameters
    ----------
    *roots : Path
        Directories that hold ``<org>/<name>`` directories. The first that has any file of a
        dataset is the one that counts for it.

    Raises
    ------
    SettingsError
        One of them does not exist.
    """

    def __init__(self, *roots: Path) -> None:
        for root in roots:
            if not root.is_dir():
                raise SettingsError(
                    f"the raw directory {root} does not exist; it must hold the datasets in the "
                    "Hub's layout, such as <raw directory>/GAIR/lima/train.jsonl"
                )
        self.roots = roots

    def __str__(self) -> str:
        """Name the directories in their order."""
        return ", then ".join(map(str, self.roots))

    def look(self, dataset: Dataset) -> Listed | None:
        """Return what `find` does; it changes nothing, either."""
        found = self.find(dataset)
        return None if found is None else Listed(found)

    def find(self, dataset: Dataset) -> Found | None:
        """Return the dataset's files, or None when no root has any of them.

        Raises
        ------
        SourceError
            A pattern matches a directory, what lies outside of the roots, or a name that is no text.
        """
        for root in self.roots:
            base = root / dataset.repo
            if files := self._files(dataset, base):
                return _found(base, files)
        return None

    def _files(self, dataset: Dataset, base: Path) -> list[Path]:
        if unsafe := [name for name in (dataset.repo, *dataset.files) if leaves_its_directory(name)]:
            raise SourceError(dataset.dataset, f"the registry's {unsafe[0]!r} leaves the raw directory")
        found = {path for pattern in dataset.files for path in base.glob(pattern)}
        files = [path for path in found if CACHE_DIR not in path.relative_to(base).parts]
        for path in files:
            self._refuse_unsafe(dataset, path)
        return sorted(files, key=lambda path: path.relative_to(base).as_posix())

    def _refuse_unsafe(self, dataset: Dataset, path: Path) -> None:
        if not is_text(str(path)):
            raise SourceError(dataset.dataset, "its name is not valid UTF-8; rename it", readable(str(path)))
        try:
            real = path.resolve()
        except (OSError, RuntimeError) as error:  # a RuntimeError before Python 3.13
            raise SourceError(dataset.dataset, f"is a link that leads nowhere: {error}", path) from None
        if not any(real.is_relative_to(root.resolve()) for root in self.roots):
            raise SourceError(
                dataset.dataset,
                f"is a link that leads out of the raw directory, to {real}; "
                "if that is meant, name that place in RAW_DIR too (RAW_DIR=/one:/other)",
                path,
            )
        if not path.is_file():
            raise SourceError(dataset.dataset, "is not a file", path)


def _found(base: Path, paths: list[Path]) -> Found:
    names = [path.relative_to(base).as_posix() for path in paths]
    notes = [read_note(base, name) for name in names]
    known = [note for note in notes if note]
    commits = {
        note.commit if note else commit_by_other_tool(base, name) for name, note in zip(names, notes, strict=True)
    }
    files = (
        SourceFile(path, name, stat.st_size, stat.st_mtime_ns, note.sha256 if note else None)
        for path, name, stat, note in zip(paths, names, [path.stat() for path in paths], notes, strict=True)
    )
    return Found(
        base,
        tuple(files),
        commit=commits.pop() if len(commits) == 1 else None,
        fetched_at=max((note.time for note in known), default=None) if len(known) == len(paths) else None,
    )


def require_any(source: LocalSource, datasets: Iterable[Dataset]) -> None:
    """Refuse directories that hold none of the datasets.

    Raises
    ------
    SettingsError
        Nothing was found; the message names two places where files are expected.
    """
    wanted = list(datasets)
    if not wanted or any(_holds(source, dataset) for dataset in wanted):
        return
    expected = [f"{d.repo}/{d.files[0]}" for d in wanted[:2]]
    raise SettingsError(
        f"{source} holds none of the registry's datasets; "
        f"expected the Hub's layout, such as {' or '.join(expected)}; SOURCE=hub downloads them"
    )


def _holds(source: LocalSource, dataset: Dataset) -> bool:
    try:
        return source.find(dataset) is not None
    except SourceError:
        return True
