"""A forest of texts that outlives a run: what it covers, how it was built, how it grows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from python_assets.clustering.arrangement_files import ArrangementFiles
from python_assets.clustering.build import build_forest, extend_forest
from python_assets.clustering.forest import Forest
from python_assets.clustering.shrink import restricted, settled_points
from python_assets.clustering.spanning import Progress
from python_assets.clustering.vectors import BoolArray, Float32Array


@dataclass(frozen=True)
class ForestSettings:
    """What a forest was built with; another value of any of them needs another forest.

    Attributes
    ----------
    model : str
        Key of the model's vectors.
    eps_max : float
        Euclidean distance up to which the forest answers.
    min_samples : int
    """

    model: str
    eps_max: float
    min_samples: int


@dataclass(frozen=True)
class SavedForest:
    """A forest whose points are texts.

    Attributes
    ----------
    keys : list of str
        Text key of each point, in ascending order.
    forest : Forest
        Its positions are those of `keys`.
    settings : ForestSettings
    """

    keys: list[str]
    forest: Forest
    settings: ForestSettings

    def answers(self, keys: list[str], settings: ForestSettings) -> bool:
        """Tell whether this is the forest of exactly these texts and settings."""
        return self.settings == settings and self.keys == keys


def update_forest(
    previous: SavedForest | None,
    keys: list[str],
    X: Float32Array,
    settings: ForestSettings,
    *,
    files: ArrangementFiles | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> SavedForest:
    """Return the forest of the given texts, with as few comparisons as can be.

    Parameters
    ----------
    previous : SavedForest or None
        The forest of an earlier run.
    keys : list of str
        Distinct text keys in ascending order.
    X : ndarray of float32, shape (n, dimension)
        Their vectors.
    settings : ForestSettings
    files : ArrangementFiles, optional
        Where the arrangement of the previous forest's points is, and where this one's is kept.
    device, progress
        As for `build_forest`.

    Returns
    -------
    SavedForest
        The same whether it was changed or built anew. With the settings of `previous`, new texts are
        compared with old ones and with each other; where texts have gone, those that were joined
        only through them count as new (`shrink.settled_points`). With other settings, and for
        min_samples > 1, the forest is built from all vectors.
    """
    if previous is not None and previous.answers(keys, settings):
        return previous
    if previous is None or previous.settings != settings or settings.min_samples > 1:
        forest = build_forest(X, settings.eps_max, settings.min_samples, device=device, progress=progress)
    else:
        kept = files.read(settings.model, previous.keys) if files is not None else None
        before = replace(previous.forest, arrangement=kept or previous.forest.arrangement)
        settled = settled_points(before, _are_in(previous.keys, keys))
        is_old = _are_in(keys, compress(previous.keys, settled))
        forest = extend_forest(restricted(before, settled), X, ~is_old, device=device, progress=progress)
    if files is not None and forest.arrangement is not None:
        files.write(settings.model, keys, forest.arrangement)
    return SavedForest(keys, forest, settings)


def _are_in(keys: list[str], others: Iterable[str]) -> BoolArray:
    known = set(others)
    return np.fromiter((key in known for key in keys), dtype=bool, count=len(keys))
