"""All pairs of vectors within a radius, exactly, in batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from python_assets.clustering.arrangement import Arrangement, arrange
from python_assets.clustering.pairs import Pairs
from python_assets.clustering.scan import Scanner
from python_assets.clustering.spanning import Progress
from python_assets.clustering.vectors import (
    Float32Array,
    Int64Array,
    check_radius,
    check_vectors,
    find_distinct,
)


def make_scanner(
    vectors: Float32Array, radius: float, arranged: Arrangement, point: Int64Array, device: str
) -> Scanner:
    """
    Return the scanner of a device.

    Parameters
    ----------
    vectors, radius, arranged, point
        As for `scan.Scanner`.
    device : str
        "cpu" for the compiled loops, otherwise "torch" or "torch:<device>" for products by torch.

    Returns
    -------
    Scanner

    Raises
    ------
    ValueError
        For another device.
    """
    if device == "cpu":
        return Scanner(vectors, radius, arranged, point)
    from python_assets.clustering.neighbors_torch import TorchScanner, torch_device

    return TorchScanner(vectors, radius, arranged, point, torch_device(device))


def radius_pairs(
    X: Float32Array,
    radius: float,
    *,
    collapse: bool = True,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Iterator[Pairs]:
    """
    Yield every pair whose float64 sum of squared float32 differences is at most radius * radius.

    Parameters
    ----------
    X : ndarray, shape (n_samples, n_features), float32
    radius : float
    collapse : bool
        Let the first of several identical rows stand for them: the others occur in one pair each, with
        the first, at distance 0. Without it m identical rows give m * (m - 1) / 2 pairs, and so on.
    device : str
        "cpu", or "cuda", "mps", ..., or "torch:cpu".
    progress : callable, optional
        Called as progress(done, total) in pairs of nodes of 1,024 points.

    Yields
    ------
    Pairs
        Rows i < j and squared distances; no pair twice, in no particular order.

    Raises
    ------
    ValueError
        For vectors or a radius that cannot be used.

    Notes
    -----
    Beyond X about 1.3 kB per distinct vector while the points are arranged, half of it afterwards, and
    0.2 GB; not more when there are more pairs.
    """
    vectors = check_vectors(X)
    limit = check_radius(radius, "radius")
    rows = np.arange(vectors.shape[0])
    if collapse and rows.size:
        distinct = find_distinct(vectors, rows)
        later = np.flatnonzero(distinct.first != rows)
        yield Pairs(distinct.first[later], later, np.zeros(later.size))
        rows = distinct.rows
    if rows.size < 2:
        return
    scanner = make_scanner(vectors, limit, arrange(vectors, rows, limit), np.arange(vectors.shape[0]), device)
    tasks = scanner.tasks()
    unlimited = scanner.no_limits()
    for done, pairs in scanner.run(*tasks, lambda: unlimited):
        if len(pairs):
            yield pairs
        if progress is not None:
            progress(done, tasks[0].size)
