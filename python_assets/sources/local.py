"""A directory in the Hub's layout, as a download tool leaves it: ``<root>/<org>/<name>/...``."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from python_assets.errors import SettingsError, SourceError
from python_assets.sources.registry import Dataset


class Source(Protocol):
    """Where the files of a dataset come from."""

    def locate(self, dataset: Dataset) -> list[Path] | None:
        """Return the dataset's local files sorted by name, or None when it is not there."""
        ...

    def repo_dir(self, dataset: Dataset) -> Path:
        """Return the local directory that stands for the dataset's repository."""
        ...


class LocalSource:
    """Datasets that already lie on this machine.

    Parameters
    ----------
    root : Path
        The directory that holds ``<org>/<name>`` directories.

    Raises
    ------
    SettingsError
        The directory does not exist.
    """

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise SettingsError(
                f"the raw directory {root} does not exist; it must hold the datasets in the "
                "Hub's layout, such as <raw directory>/GAIR/lima/train.jsonl"
            )
        self.root = root

    def repo_dir(self, dataset: Dataset) -> Path:
        """Return ``<root>/<org>/<name>``."""
        return self.root / dataset.repo

    def locate(self, dataset: Dataset) -> list[Path] | None:
        """Return the dataset's files sorted by their path below the repository's root.

        Returns
        -------
        list of Path or None
            None when neither the repository's directory nor any of its files are there.

        Raises
        ------
        SourceError
            A pattern matches a directory.
        """
        base = self.repo_dir(dataset)
        found = {path for pattern in dataset.files for path in base.glob(pattern)}
        for path in found:
            if not path.is_file():
                raise SourceError(dataset.dataset, "is not a file", path)
        return sorted(found, key=lambda path: path.relative_to(base).as_posix()) or None


def require_any(source: LocalSource, datasets: list[Dataset]) -> None:
    """Refuse a directory that holds none of the registry's datasets.

    Raises
    ------
    SettingsError
        Nothing was found; the message names two places where files are expected.
    """
    if any(source.locate(dataset) for dataset in datasets):
        return
    expected = [f"{d.repo}/{d.files[0]}" for d in datasets[:2]]
    raise SettingsError(
        f"{source.root} holds none of the registry's datasets; "
        f"expected the Hub's layout, such as {' or '.join(expected)}"
    )
