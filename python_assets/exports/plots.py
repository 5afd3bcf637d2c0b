"""Pictures of the statistics, as PNG."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_REMOVED, _LARGEST, _CHOSEN = "#1f6feb", "#d1495b", "#555555"


def plot_sweep(sweep: npt.NDArray[np.void], eps: float, type_name: str) -> bytes:
    """Draw what each eps would remove, and how large its largest cluster would be.

    Parameters
    ----------
    sweep : structured ndarray
        As `Forest.sweep` returns it.
    eps : float
        The chosen Euclidean eps, which is marked.
    type_name : str

    Returns
    -------
    bytes
        A PNG of about 30 kB.
    """
    figure = Figure(figsize=(8, 4.2), dpi=100, layout="constrained")
    removed = figure.add_subplot()
    removed.step(sweep["eps"], sweep["removed"], color=_REMOVED, where="post")
    removed.set_xlabel("eps (Euclidean)")
    removed.set_ylabel("texts removed", color=_REMOVED)
    removed.set_xlim(0, float(sweep["eps"].max()))
    removed.set_ylim(bottom=0)
    largest = removed.twinx()
    largest.step(sweep["eps"], sweep["largest_cluster"], color=_LARGEST, linestyle="--", where="post")
    largest.set_ylabel("texts in the largest cluster", color=_LARGEST)
    largest.set_ylim(bottom=0)
    for axis in (removed, largest):
        axis.yaxis.set_major_locator(MaxNLocator(integer=True))
    removed.axvline(eps, color=_CHOSEN, linewidth=1)
    removed.annotate(
        f"eps {eps:.4g}", (eps, 0), xycoords=("data", "axes fraction"), xytext=(4, 6),
        textcoords="offset points", color=_CHOSEN,
    )  # fmt: skip
    removed.set_title(f"{type_name}: what each eps would merge")
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


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
