"""Labels for all texts from the labels of those that can be compared."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from python_assets.clustering.forest import number_by_appearance
from python_assets.clustering.vectors import Int64Array

NOISE = -1


def label_all(labels: Int64Array, comparable: npt.NDArray[np.bool_], min_samples: int) -> Int64Array:
    """Extend the labels of the comparable texts to all texts; each other text stays alone.

    Parameters
    ----------
    labels : ndarray of int64, shape (number of True in `comparable`,)
    comparable : ndarray of bool, shape (n,)
    min_samples : int

    Returns
    -------
    ndarray of int64, shape (n,)
        Clusters by first appearance over all texts. A text that is not comparable is a cluster of
        its own when one text makes a cluster (min_samples 1), else noise.
    """
    result = np.full(len(comparable), NOISE, dtype=np.int64)
    result[comparable] = labels
    if min_samples == 1:
        alone = ~comparable
        result[alone] = labels.max(initial=NOISE) + 1 + np.arange(np.count_nonzero(alone))
    return number_by_appearance(result)
