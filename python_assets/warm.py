"""Compile every kernel ahead of the first use, which ``make setup`` does once."""

from __future__ import annotations

import numpy as np

from python_assets.clustering.build import build_forest, extend_forest
from python_assets.clustering.cross import cross_pairs
from python_assets.contamination.lexical import LexicalIndex


def compile_kernels() -> None:
    """Build, extend and ask small forests and compare some words, so that numba compiles and keeps what they run."""
    X = np.random.default_rng(0).standard_normal((300, 64)).astype(np.float32)
    X = np.repeat(X, 4, axis=0) + np.float32(0.01) * np.arange(4, dtype=np.float32).repeat(300)[:, None]
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    for min_samples in (1, 3):
        forest = build_forest(X, 0.35, min_samples)
        forest.labels(0.2)
        forest.sweep([0.1, 0.2])
    extend_forest(build_forest(X[:900], 0.35), X, np.arange(len(X)) >= 900)
    list(cross_pairs(X, 900, 0.2))
    list(LexicalIndex(["one two three"], {2: 0.5}).find(["one two four"]))


if __name__ == "__main__":
    compile_kernels()
