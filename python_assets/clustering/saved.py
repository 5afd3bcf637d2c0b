"""A forest of texts that outlives a run: what it covers, how it was built, how it grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from python_assets.clustering.build import build_forest, extend_forest
from python_assets.clustering.forest import Forest
from python_assets.clustering.spanning import Progress
from python_assets.clustering.vectors import Float32Array, Int64Array


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
    device, progress
        As for `build_forest`.

    Returns
    -------
    SavedForest
        The same whether it was extended or built anew: with the settings of `previous` and no text
        gone, new texts are compared with old ones and with each other only; otherwise, and for
        min_samples > 1, the forest is built from all vectors.
    """
    if previous is not None and previous.answers(keys, settings):
        return previous
    if previous is None or previous.settings != settings:
        return _build(keys, X, settings, device, progress)
    known = set(previous.keys)
    is_old = np.fromiter((key in known for key in keys), dtype=bool, count=len(keys))
    if np.count_nonzero(is_old) != len(known) or settings.min_samples > 1:
        return _build(keys, X, settings, device, progress)
    place = np.concatenate([np.flatnonzero(is_old), np.flatnonzero(~is_old)])
    extended = extend_forest(previous.forest, X[is_old], X[~is_old], keys=place, device=device, progress=progress)
    return SavedForest(keys, _moved(extended, place), settings)


def _build(
    keys: list[str],
    X: Float32Array,
    settings: ForestSettings,
    device: str,
    progress: Progress | None,
) -> SavedForest:
    forest = build_forest(X, settings.eps_max, settings.min_samples, device=device, progress=progress)
    return SavedForest(keys, forest, settings)


def _moved(forest: Forest, place: Int64Array) -> Forest:
    """Return a forest for min_samples = 1 whose point p stands at position ``place[p]``."""
    return Forest.plain(forest.n, forest.eps_max, place[forest.i], place[forest.j], forest.squared)
