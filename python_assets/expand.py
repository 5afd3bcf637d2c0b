"""Rows that stand for several others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Int64Array = npt.NDArray[np.int64]


def expand(counts: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Put as many rows in the place of each as its count says.

    Parameters
    ----------
    counts : ndarray of int64, shape (n,)

    Returns
    -------
    source : ndarray of int64, shape (sum of counts,)
        Which row each of the new ones comes from.
    within : ndarray of int64, shape (sum of counts,)
        0, 1, ... among those of the same row.
    """
    source = np.repeat(np.arange(counts.size), counts)
    return source, np.arange(source.size) - np.repeat(np.cumsum(counts) - counts, counts)
