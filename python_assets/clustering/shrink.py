"""What is left of a forest when points go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from python_assets.clustering.arrangement import Arrangement
from python_assets.clustering.forest import Forest, component_roots
from python_assets.clustering.vectors import BoolArray, Int64Array


def settled_points(forest: Forest, stays: BoolArray) -> BoolArray:
    """
    Tell for which of the points that stay the forest still holds.

    Parameters
    ----------
    forest : Forest
        With min_samples = 1.
    stays : ndarray, shape (n,), bool

    Returns
    -------
    ndarray, shape (n,), bool
        All of a component that lost no point; of one that did, the largest piece into which its
        edges fall. The others have to be compared again, as if they were new.

    Notes
    -----
    Edges are totally ordered, and one is in the forest when no path of lighter pairs joins its ends.
    Without some points there are fewer paths, so an edge between two points that stay remains one. A
    piece is joined by such edges alone, so they are its whole forest; between components there is no
    pair within eps_max. So `restricted` is exactly the forest of the settled points.
    """
    before = component_roots(forest.n, forest.i, forest.j)
    used = stays[forest.i] & stays[forest.j]
    piece = component_roots(forest.n, forest.i[used], forest.j[used])
    size = np.bincount(piece[stays], minlength=forest.n)
    pieces = np.flatnonzero(size)
    pieces = pieces[np.lexsort((pieces, -size[pieces], before[pieces]))]
    _, first = np.unique(before[pieces], return_index=True)
    is_largest = np.zeros(forest.n, dtype=bool)
    is_largest[pieces[first]] = True
    return stays & is_largest[piece]


def restricted(forest: Forest, settled: BoolArray) -> Forest:
    """Return the forest of the settled points, numbered anew in their order, with their arrangement."""
    place = np.where(settled, np.cumsum(settled) - 1, -1)
    used = settled[forest.i] & settled[forest.j]
    arranged = forest.arrangement
    if arranged is not None and settled.any():
        arranged = replace(arranged, order=_places(arranged, forest, place))
    return Forest.plain(
        int(np.count_nonzero(settled)),
        forest.eps_max,
        place[forest.i[used]],
        place[forest.j[used]],
        forest.squared[used],
        arranged if settled.any() else None,
    )


def _places(arranged: Arrangement, forest: Forest, place: Int64Array) -> Int64Array:
    """Return which point is at each position; that of a point that goes is left to an identical one without any."""
    here = arranged.order >= 0
    rows = arranged.order[here]
    has_position = np.zeros(forest.n, dtype=bool)
    has_position[rows] = True
    same = np.flatnonzero(forest.squared == 0.0)
    centre, copy = forest.i[same], forest.j[same]
    inherits = (place[centre] < 0) & (place[copy] >= 0) & ~has_position[copy]
    left_to = place.copy()
    left_to[centre[inherits]] = place[copy[inherits]]
    order = np.full(arranged.order.size, -1)
    order[here] = left_to[rows]
    return order
