"""A map of texts in two dimensions, near texts beside each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from python_assets.clustering.vectors import Float32Array, Int64Array

LARGEST_CLUSTERS = 8
MEMBERS_SHOWN = 40
_PERPLEXITY = 30
_ITERATIONS = 500


@dataclass(frozen=True)
class MapSample:
    """The texts of a map.

    Attributes
    ----------
    places : ndarray of int64, shape (n,)
        Ascending places of the texts among all texts.
    rank : ndarray of int64, shape (n,)
        0 for a text of the largest cluster, 1 for the next, ... and -1 for the others.
    clusters : ndarray of int64, shape (at most 8,)
        Labels of the largest clusters, largest first, of two members or more.
    sizes : ndarray of int64
        Members of each of them.
    """

    places: Int64Array
    rank: Int64Array
    clusters: Int64Array
    sizes: Int64Array


def sample_for_map(labels: Int64Array, comparable: npt.NDArray[np.bool_], n: int) -> MapSample:
    """Choose members of the largest clusters, and of the other texts as many as there is room for.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_texts,)
        Cluster of each text; -1 is noise.
    comparable : ndarray of bool, shape (n_texts,)
        Which texts have a place on the map.
    n : int
        Texts to choose; at most 40 of each cluster.

    Returns
    -------
    MapSample
        The same for the same arguments.
    """
    shown = np.flatnonzero(comparable)
    sizes = np.bincount(labels[shown][labels[shown] >= 0], minlength=1)
    largest = np.argsort(-sizes, kind="stable")[:LARGEST_CLUSTERS]
    largest = largest[sizes[largest] > 1]
    rank = np.full(len(labels), -1, dtype=np.int64)
    for number, cluster in enumerate(largest):
        rank[labels == cluster] = number
    members = [shown[rank[shown] == number][:MEMBERS_SHOWN] for number in range(len(largest))]
    of_clusters = np.concatenate([*members, np.zeros(0, np.int64)])[:n]
    others = shown[rank[shown] < 0]
    room = min(n - len(of_clusters), len(others))
    places = np.sort(np.concatenate([of_clusters, np.random.default_rng(0).choice(others, room, replace=False)]))
    return MapSample(places, rank[places], largest, sizes[largest])


def map_layout(X: Float32Array) -> npt.NDArray[np.float64]:
    """Place vectors on a plane by t-SNE.

    Parameters
    ----------
    X : ndarray of float32, shape (n, dimension)

    Returns
    -------
    ndarray of float64, shape (n, 2)
        The same for the same vectors. Fewer than four vectors lie on a line.
    """
    n = len(X)
    if n < 4:
        return np.column_stack([np.arange(n, dtype=np.float64), np.zeros(n)])
    perplexity = min(_PERPLEXITY, (n - 1) / 3)
    tsne = TSNE(random_state=0, init="pca", perplexity=perplexity, max_iter=_ITERATIONS, n_jobs=1)
    with threadpool_limits(1):
        return np.asarray(tsne.fit_transform(X), dtype=np.float64)
