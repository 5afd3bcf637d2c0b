"""What the clustering is measured against, each with a check of what it found."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from python_assets.clustering import dbscan, radius_pairs
from tests.bench.bench_data import Float32Array

Result = dict[str, Any]


def sklearn_dbscan(X: Float32Array, eps: float) -> Result:
    """scikit-learn's DBSCAN on all cores, on the float32 vectors as they are."""
    from sklearn.cluster import DBSCAN

    labels = DBSCAN(eps=eps, min_samples=1, n_jobs=-1).fit(X).labels_
    return {
        "clusters": int(labels.max() + 1),
        "check": lambda: {"labels_unlike_ours": int((labels != dbscan(X, eps)).sum())},
    }


def faiss_range(X: Float32Array, eps: float) -> Result:
    """Every pair within eps by faiss's exhaustive index, in batches, without clustering."""
    import faiss

    index = faiss.IndexFlatL2(X.shape[1])
    index.add(X)
    found = 0
    for start in range(0, len(X), 10_000):
        found += int(index.range_search(X[start : start + 10_000], eps * eps)[0][-1])
    return {"pairs": (found - len(X)) // 2}


def semhash(X: Float32Array, eps: float) -> Result:
    """SemHash as it comes, given the vectors: its approximate index, and what it would filter."""
    from semhash import SemHash

    records = [str(number) for number in range(len(X))]
    threshold = 1.0 - eps * eps / 2.0
    finder = SemHash.from_embeddings(X, records, model=None)
    filtered = len(finder.self_deduplicate(threshold=threshold).filtered)
    return {"filtered": filtered, "check": lambda: {"recall": _recall(finder, X, eps, threshold)}}


def _recall(finder: Any, X: Float32Array, eps: float, threshold: float) -> float:
    """Share of the exact pairs that the index names from either side."""
    exact = np.concatenate([batch.i * len(X) + batch.j for batch in radius_pairs(X, eps, collapse=False)])
    others = [np.asarray(indices) for indices, _ in finder.index.query_threshold(X, threshold=threshold)]
    own = np.repeat(np.arange(len(X)), [len(found) for found in others])
    other = np.concatenate(others).astype(np.int64)
    named = np.minimum(own, other) * len(X) + np.maximum(own, other)
    return float(np.isin(exact, named).mean())


def full_product(X: Float32Array, eps: float) -> Result:
    """The float32 product of all vectors with all vectors: a share of its rows, scaled up."""
    rows = min(len(X), 8_192)
    start = time.perf_counter()
    for first in range(0, len(X), rows):
        if first >= 4 * rows:
            break
        np.matmul(X[:rows], X[first : first + rows].T)
    share = rows * min(len(X), 4 * rows) / len(X) ** 2
    return {"seconds": (time.perf_counter() - start) / share}
