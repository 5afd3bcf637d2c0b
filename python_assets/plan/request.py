"""What a plan is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_assets.clustering.saved import ForestSettings
from python_assets.embeddings.store import EmbeddingStore
from python_assets.exports.files import OutputFiles
from python_assets.sources.found import Source
from python_assets.sources.selection import Selection


@dataclass(frozen=True)
class Request:
    """A run that has not begun.

    Attributes
    ----------
    source : Source
    selection : Selection
    root : Path
        The warehouse directory, which may not exist.
    downloads : Path or None
        Where files to fetch go; None where none is fetched.
    store : EmbeddingStore
        The vectors of the settings' model.
    dimension : int or None
        Of these vectors; None where only the loaded model tells.
    forest : ForestSettings
        What the forest must have been built with.
    eps : float
        In the units of the metric.
    settings : dict
        Those that decide the files, see `python_assets.exports.made_from`.
    writes_embeddings : bool
        Whether the vectors are written below the outputs as well.
    """

    source: Source
    selection: Selection
    root: Path
    downloads: Path | None
    store: EmbeddingStore
    dimension: int | None
    forest: ForestSettings
    eps: float
    settings: dict[str, Any]
    writes_embeddings: bool

    def files(self, type_name: str) -> OutputFiles:
        """Return the paths of a type's output files."""
        return OutputFiles(self.root / "outputs", type_name, self.eps)
