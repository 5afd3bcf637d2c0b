"""How far bfloat16 moves distances, and what it changes in the partition."""

from __future__ import annotations

import numpy as np

from python_assets.clustering import dbscan
from tests.bench.bench_data import Float32Array

NEAR = 0.35


def moved_distances(exact: Float32Array, rounded: Float32Array, n_pairs: int = 20_000) -> np.ndarray:
    """Change of the distance of random pairs and of every pair of neighbours, in float64."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, len(exact), (2, n_pairs))
    nearest = np.concatenate(
        [
            (exact[start : start + 1_000] @ exact.T).argpartition(-2, axis=1)[:, -2]
            for start in range(0, len(exact), 1_000)
        ]
    )
    a, b = np.concatenate([a, np.arange(len(exact))]), np.concatenate([b, nearest])

    def distances(vectors: Float32Array) -> np.ndarray:
        return np.linalg.norm(vectors[a].astype(np.float64) - vectors[b], axis=1)

    return distances(rounded) - distances(exact)


def pairs_together(labels: np.ndarray) -> int:
    """Pairs of texts that share a cluster."""
    sizes = np.unique(labels, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def partition_change(exact: Float32Array, rounded: Float32Array, eps: float) -> tuple[int, int, int]:
    """Pairs together by float32, pairs that only one of the two puts together, change in the number of clusters."""
    one, other = dbscan(exact, eps).astype(np.int64), dbscan(rounded, eps).astype(np.int64)
    both = pairs_together(one * len(other) + other)
    together = pairs_together(one)
    return together, together + pairs_together(other) - 2 * both, int(other.max() - one.max())
