"""The places on disk that every asset is given."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from dagster_defs.settings import SourceName
from dagster_defs.steps import running_step
from python_assets.clustering.arrangement_files import ArrangementFiles
from python_assets.embeddings.store import EmbeddingStore
from python_assets.errors import SettingsError
from python_assets.exports.files import OutputFiles
from python_assets.sources.found import Source
from python_assets.sources.hub import HubSource
from python_assets.sources.local import LocalSource
from python_assets.stages import Stage
from python_assets.warehouse import warehouse_path

REPO_DIR = Path(__file__).resolve().parents[1]
SAMPLE_DIR = REPO_DIR / "warehouse" / "sample"
DOWNLOAD_DIR = REPO_DIR / "warehouse" / "raw"


@dataclass(frozen=True)
class Locations:
    """The places on disk: where raw files come from and where everything made here goes.

    Attributes
    ----------
    raw_dirs : tuple of Path
        Directories of raw datasets in the Hub's layout; empty: the bundled sample, or where downloads go.
    root : Path
        The warehouse directory: the warehouse and all files made from it.
    """

    raw_dirs: tuple[Path, ...]
    root: Path

    def source(self, name: SourceName) -> Source:
        """Return where datasets come from.

        Raises
        ------
        SettingsError
            A directory does not exist, or several are named for downloads.
        """
        if name is SourceName.local:
            return LocalSource(*(self.raw_dirs or (SAMPLE_DIR,)))
        if len(self.raw_dirs) > 1:
            raise SettingsError("downloads go to one directory: with source hub, RAW_DIR must name one only")
        return HubSource(*(self.raw_dirs or (DOWNLOAD_DIR,)))

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return warehouse_path(self.root)

    @property
    def outputs(self) -> Path:
        """Directory of the files that leave the warehouse."""
        return self.root / "outputs"

    def store(self, model_key: str) -> EmbeddingStore:
        """Return the store of a model's vectors."""
        return EmbeddingStore(self.root / "embeddings", model_key)

    def arrangement(self, type_name: str) -> ArrangementFiles:
        """Return where the arrangement of a type's vectors is kept."""
        return ArrangementFiles(self.root / "arrangements" / type_name)

    def files(self, type_name: str, eps: float) -> OutputFiles:
        """Return the paths of a type's output files."""
        return OutputFiles(self.outputs, type_name, eps)

    def step(self, name: str, *types: str) -> AbstractContextManager[Stage]:
        """Return the context in which a step works for some types."""
        return running_step(self.root, name, types)


def warehouse_dir() -> Path:
    """Return ``WAREHOUSE_DIR``, by default ``warehouse/`` of this project."""
    return Path(os.environ.get("WAREHOUSE_DIR") or REPO_DIR / "warehouse").resolve()


def raw_dirs() -> tuple[Path, ...]:
    """Return the directories that ``RAW_DIR`` names, separated as in ``PATH``; empty where it is not set."""
    return tuple(Path(part).resolve() for part in os.environ.get("RAW_DIR", "").split(os.pathsep) if part)
