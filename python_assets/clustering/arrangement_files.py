"""An arrangement on disk, in parts that are never rewritten, so that growing it writes what is new."""

from __future__ import annotations

import hashlib
import logging
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from python_assets.clustering.arrangement import ARRAYS, Arrangement
from python_assets.clustering.projection import Basis
from python_assets.clustering.vectors import row_hashes
from python_assets.files import write_aside

logger = logging.getLogger(__name__)

_IMAGES = tuple(name for name in ARRAYS if name != "order")


class ArrangementFiles:
    """
    Where the arrangement of a forest's points is kept between runs.

    It only saves time: whatever is missing, broken or does not belong together is arranged anew.

    Parameters
    ----------
    directory : Path

    Notes
    -----
    ``head.npz`` is replaced last; it names the texts and the model (as a digest) and the
    ``part-<digest>.npz`` files that hold the images. About 780 bytes a text.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def read(self, model: str, keys: list[str]) -> Arrangement | None:
        """Return the arrangement of exactly these texts' vectors, None when there is none to use."""
        try:
            head = self._head()
            if head["texts"] != _digest(model, keys):
                return None
            parts = [dict(np.load(self._path(name))) for name in head["parts"]]
            return Arrangement(
                basis=Basis(head["columns"], head["centre"], float(head["defect"])),
                error=float(head["error"]),
                extent=float(head["extent"]),
                first_nodes=int(head["first_nodes"]),
                order=head["order"],
                **{name: np.concatenate([part[name] for part in parts]) for name in _IMAGES},
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            logger.warning("%s cannot be used and is made anew: %s", self.directory, error)
            self._path("head").unlink()
            return None

    def write(self, model: str, keys: list[str], arranged: Arrangement) -> None:
        """Keep an arrangement whose rows are the positions of `keys`, in place of the one before."""
        names, sizes = self._parts_it_begins_with(arranged)
        done = sum(sizes)
        if done < arranged.n_nodes:
            names.append(_part_name(arranged, done, arranged.n_nodes))
            sizes.append(arranged.n_nodes - done)
            self._save(names[-1], {name: _nodes_of(arranged, name, done, arranged.n_nodes) for name in _IMAGES})
        self._save(
            "head",
            {
                "texts": _digest(model, keys),
                "parts": names,
                "sizes": sizes,
                "order": arranged.order,
                "columns": arranged.basis.columns,
                "centre": arranged.basis.centre,
                "defect": arranged.basis.defect,
                "error": arranged.error,
                "extent": arranged.extent,
                "first_nodes": arranged.first_nodes,
            },
        )
        for path in self.directory.glob("part-*.npz"):
            if path.stem not in names:
                path.unlink()

    def _path(self, name: str) -> Path:
        return self.directory / f"{name}.npz"

    def _head(self) -> dict[str, Any]:
        return dict(np.load(self._path("head")))

    def _parts_it_begins_with(self, arranged: Arrangement) -> tuple[list[str], list[int]]:
        try:
            head = self._head()
        except (OSError, ValueError, zipfile.BadZipFile):
            return [], []
        names: list[str] = []
        sizes: list[int] = []
        for name, size in zip(head["parts"].tolist(), head["sizes"].tolist(), strict=True):
            if name != _part_name(arranged, sum(sizes), sum(sizes) + size) or not self._path(name).exists():
                break
            names.append(name)
            sizes.append(size)
        return names, sizes

    def _save(self, name: str, arrays: dict[str, Any]) -> None:
        with write_aside(self._path(name)) as aside, aside.open("wb") as file:
            np.savez(file, **arrays)


def _digest(model: str, keys: list[str]) -> str:
    return hashlib.sha256("\n".join([model, *keys]).encode()).hexdigest()


def _part_name(arranged: Arrangement, start: int, stop: int) -> str:
    digest = hashlib.sha256()
    for name in ("middle", "outer", "rest"):
        digest.update(row_hashes(_nodes_of(arranged, name, start, stop).view(np.uint32)).tobytes())
    return f"part-{digest.hexdigest()[:16]}"


def _nodes_of(arranged: Arrangement, name: str, start: int, stop: int) -> Any:
    values = getattr(arranged, name)
    per_node = len(values) // arranged.n_nodes
    return values[start * per_node : stop * per_node]
