"""Errors that a user can act on: each message says what is wrong, where, and what to do."""

from __future__ import annotations

from pathlib import Path


class WarehouseError(Exception):
    """Base of every error whose message is meant for the user and needs no traceback."""


class SettingsError(WarehouseError, ValueError):
    """A setting has a value that cannot work."""


class RegistryError(WarehouseError):
    """The registry of datasets contradicts itself."""


class SourceError(WarehouseError):
    """A dataset cannot be loaded.

    Parameters
    ----------
    dataset : str
        The dataset's name in the registry.
    cause : str
        What is wrong and, where it helps, what to do.
    file : Path or str, optional
        The file at fault.
    """

    def __init__(self, dataset: str, cause: str, file: Path | str | None = None) -> None:
        self.dataset = dataset
        self.cause = cause
        self.file = str(file) if file is not None else None
        where = f"{dataset}: {self.file}" if self.file else dataset
        super().__init__(f"{where}: {cause}")


class UnreadableFileError(Exception):
    """What a file holds is not what its format says."""


class ModelError(WarehouseError):
    """An embedding model is missing, incomplete or not the one that was asked for."""


class StoreError(WarehouseError):
    """The store of vectors lacks something, or cannot be written."""


class DiskError(WarehouseError):
    """A disk is full or read-only."""


class WarehouseBusyError(WarehouseError):
    """Another process holds the warehouse file."""

    def __init__(self, path: Path, holder: str, waited_seconds: float) -> None:
        super().__init__(
            f"{path} is held by {holder}, also after {waited_seconds:.0f} s. Wait until that run "
            "has ended or close that SQL shell (.quit), then try again."
        )


class RunBusyError(WarehouseError):
    """Another run works on the warehouse."""

    def __init__(self, root: Path, job: str, pid: str, since: str) -> None:
        super().__init__(
            f"another run works on {root}: job {job}, process {pid}, since {since}. "
            f"Start this one when that has ended; its progress is in {root / 'logs'}."
        )
