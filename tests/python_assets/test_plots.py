from __future__ import annotations

import numpy as np

from python_assets.clustering import build_forest
from python_assets.exports.plots import plot_sweep


def test_a_plot_is_a_png_small_enough_for_dagsters_metadata() -> None:
    X = np.eye(4, dtype=np.float32)
    png = plot_sweep(build_forest(X, 1.5).sweep([0.5, 1.0, 1.5]), 1.0, "sft")
    assert png.startswith(b"\x89PNG\r\n")
    assert len(png) < 150_000
