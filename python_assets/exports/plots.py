"""Pictures of the statistics, as PNG."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_REMOVED, _LARGEST, _CHOSEN, _OTHERS = "#1f6feb", "#d1495b", "#555555", "#c4c9d0"
_CLUSTERS = ("#1f6feb", "#d1495b", "#2a9d58", "#c77700", "#7b4fb5", "#008c95", "#a0522d", "#b5179e")


def plot_sweep(
    sweep: npt.NDArray[np.void],
    eps: float,
    type_name: str,
    scores: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None = None,
) -> bytes:
    """Draw what each eps would remove, and how large its largest cluster would be.

    Parameters
    ----------
    sweep : structured ndarray
        As `Forest.sweep` returns it.
    eps : float
        The chosen Euclidean eps, which is marked.
    type_name : str
    scores : tuple of two ndarrays of float64, shape (n_values,), optional
        Precision and recall of each eps against labelled pairs, drawn below.

    Returns
    -------
    bytes
        A PNG of about 30 kB.
    """
    figure = Figure(figsize=(8, 4.2 if scores is None else 6.6), dpi=100, layout="constrained")
    axes = figure.subplots(1 if scores is None else 2, sharex=True, squeeze=False)[:, 0]
    removed = axes[0]
    removed.step(sweep["eps"], sweep["removed"], color=_REMOVED, where="post")
    removed.set_ylabel("texts removed", color=_REMOVED)
    removed.set_xlim(0, float(sweep["eps"].max()))
    removed.set_ylim(bottom=0)
    largest = removed.twinx()
    largest.step(sweep["eps"], sweep["largest_cluster"], color=_LARGEST, linestyle="--", where="post")
    largest.set_ylabel("texts in the largest cluster", color=_LARGEST)
    largest.set_ylim(bottom=0)
    for axis in (removed, largest):
        axis.yaxis.set_major_locator(MaxNLocator(integer=True))
    if scores is not None:
        for values, name, colour in zip(scores, ("precision", "recall"), (_REMOVED, _LARGEST), strict=True):
            axes[1].step(sweep["eps"], values, color=colour, where="post", label=name)
        axes[1].set_ylim(-0.03, 1.03)
        axes[1].set_ylabel("against the labelled pairs")
        axes[1].legend(loc="center left")
    axes[-1].set_xlabel("eps (Euclidean)")
    _mark_eps(axes, eps)
    removed.set_title(f"{type_name}: what each eps would merge")
    return _png(figure)


def plot_cluster_sizes(sizes: npt.NDArray[np.int64], type_name: str) -> bytes:
    """Draw how many clusters have how many members.

    Parameters
    ----------
    sizes : ndarray of int64, shape (n_clusters,)
        Members of each cluster; those of one member are left out.
    type_name : str

    Returns
    -------
    bytes
        A PNG.
    """
    merged = sizes[sizes > 1]
    figure = Figure(figsize=(8, 3.6), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    edges = _size_edges(int(merged.max(initial=2)))
    counts, _ = np.histogram(merged, edges)
    bars = axes.bar(range(len(counts)), counts, color=_REMOVED)
    axes.bar_label(bars, [str(count) if count else "" for count in counts], fontsize=8)
    names = [f"{low}" if high == low + 1 else f"{low}\u2013{high - 1}" for low, high in itertools.pairwise(edges)]
    axes.set_xticks(range(len(counts)), names)
    axes.set_xlabel("members of the cluster")
    axes.set_ylabel("clusters")
    axes.margins(y=0.12)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    alone = int((sizes == 1).sum())
    axes.set_title(f"{type_name}: {len(merged):,} clusters of two or more, {alone:,} texts alone")
    return _png(figure)


def plot_distances(distances: npt.NDArray[np.float64], eps: float, type_name: str) -> bytes:
    """Draw how far the removed rows are from the rows that stand for them.

    Parameters
    ----------
    distances : ndarray of float64, shape (n,)
        Euclidean distance of each semantic duplicate to its survivor; beyond eps in a chain.
    eps : float
        The chosen Euclidean eps, which is marked.
    type_name : str

    Returns
    -------
    bytes
        A PNG.
    """
    figure = Figure(figsize=(8, 3.6), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    top = 1.05 * max(float(distances.max(initial=0)), eps)
    axes.hist(distances, bins=np.linspace(0, top, 43).tolist(), color=_REMOVED)
    axes.set_xlim(0, top)
    axes.set_xlabel("distance to the survivor (Euclidean)")
    axes.set_ylabel("removed rows")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _mark_eps([axes], eps)
    beyond = int((distances > eps).sum())
    axes.set_title(
        f"{type_name}: {len(distances):,} semantic duplicates, {beyond:,} farther than eps from their survivor"
    )
    return _png(figure)


def plot_map(points: npt.NDArray[np.float64], rank: npt.NDArray[np.int64], type_name: str) -> bytes:
    """Draw texts on a plane, the largest clusters coloured and numbered.

    Parameters
    ----------
    points : ndarray of float64, shape (n, 2)
    rank : ndarray of int64, shape (n,)
        0 for a text of the largest cluster, 1 for the next, ... and -1 for the others.
    type_name : str

    Returns
    -------
    bytes
        A PNG.
    """
    figure = Figure(figsize=(8, 6), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    axes.scatter(points[rank < 0, 0], points[rank < 0, 1], s=9, color=_OTHERS, linewidths=0)
    for number in range(int(rank.max(initial=-1)) + 1):
        members, colour = points[rank == number], _CLUSTERS[number % len(_CLUSTERS)]
        axes.scatter(members[:, 0], members[:, 1], s=22, color=colour, linewidths=0)
        axes.annotate(
            str(number + 1), np.median(members, axis=0).tolist(), xytext=(7, 5), textcoords="offset points",
            color=colour, fontweight="bold",
        )  # fmt: skip
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(
        f"{type_name}: {len(points):,} texts, near ones beside each other (t-SNE), the largest clusters numbered"
    )
    return _png(figure)


def plot_overlap(datasets: list[str], shares: npt.NDArray[np.float64], type_name: str) -> bytes:
    """Draw which share of each dataset another one holds as well.

    Parameters
    ----------
    datasets : list of str, length n
    shares : ndarray, shape (n, n), float64
        `shares[a, b]` is the share of a's prompts that b holds too, from 0 to 1; NaN is left blank.
    type_name : str

    Returns
    -------
    bytes
        A PNG.
    """
    n = len(datasets)
    figure = Figure(figsize=(5.5 + 0.45 * n, 3.2 + 0.4 * n), dpi=100 if n <= 12 else 80, layout="constrained")
    axes = figure.add_subplot()
    picture = axes.imshow(shares, cmap="YlGnBu", vmin=0, vmax=1)
    axes.set_xticks(range(n), datasets, rotation=45, ha="right", rotation_mode="anchor", fontsize=8)
    axes.set_yticks(range(n), datasets, fontsize=8)
    axes.set_xlabel("… that this dataset holds too")
    axes.set_ylabel("share of this dataset's prompts …")
    for a, b in np.argwhere(shares > 0):
        colour = "white" if shares[a, b] > 0.5 else "black"
        axes.text(b, a, f"{100 * shares[a, b]:.3g}", ha="center", va="center", color=colour, fontsize=7)
    figure.colorbar(picture, ax=axes, shrink=0.7, label="share")
    axes.set_title(f"{type_name}: prompts in common, near-duplicates included, in percent")
    return _png(figure)


def _mark_eps(axes: Iterable[Axes], eps: float) -> None:
    for axis in axes:
        axis.axvline(eps, color=_CHOSEN, linewidth=1)
        axis.annotate(
            f"eps {eps:.4g}", (eps, 0), xycoords=("data", "axes fraction"), xytext=(4, 6),
            textcoords="offset points", color=_CHOSEN,
        )  # fmt: skip


def _size_edges(largest: int) -> list[int]:
    """Bounds of classes of sizes: 2, 3, 4, then 5-9, 10-19, 20-49, 50-99 and so on up to the largest."""
    edges = [2, 3, 4, 5]
    steps = itertools.cycle((2, 2, 2.5))
    while edges[-1] <= largest:
        edges.append(round(edges[-1] * next(steps)))
    return edges[: 1 + next(place for place, edge in enumerate(edges) if edge > largest)]


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
