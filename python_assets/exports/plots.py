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
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
