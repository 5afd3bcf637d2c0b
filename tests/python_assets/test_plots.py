from __future__ import annotations

import io

import matplotlib.image
import numpy as np
import pytest

from python_assets.clustering import build_forest
from python_assets.exports.plots import plot_cluster_sizes, plot_distances, plot_map, plot_sweep

SWEEP = build_forest(np.eye(4, dtype=np.float32), 1.5).sweep([0.5, 1.0, 1.5])
SCORES = (np.array([np.nan, 1.0, 0.5]), np.array([0.0, 0.5, 1.0]))
RNG = np.random.default_rng(0)

PICTURES = {
    "sweep": lambda: plot_sweep(SWEEP, 1.0, "sft"),
    "sweep against labelled pairs": lambda: plot_sweep(SWEEP, 1.0, "sft", SCORES),
    "cluster sizes": lambda: plot_cluster_sizes(RNG.integers(1, 5000, 1000), "sft"),
    "no clusters": lambda: plot_cluster_sizes(np.zeros(0, dtype=np.int64), "sft"),
    "distances": lambda: plot_distances(RNG.random(1000), 0.2, "sft"),
    "map": lambda: plot_map(RNG.normal(size=(1000, 2)), RNG.integers(-1, 8, 1000), "sft"),
    "map without clusters": lambda: plot_map(RNG.normal(size=(3, 2)), np.full(3, -1), "sft"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_a_png_small_enough_for_dagsters_metadata_and_the_same_twice(name: str) -> None:
    png = PICTURES[name]()
    assert len(png) < 200_000
    pixels = matplotlib.image.imread(io.BytesIO(png))
    assert pixels.shape[1] == 800
    assert pixels[..., :3].min() < 0.5, "nothing is drawn"
