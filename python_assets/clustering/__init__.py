"""Vectors to an exact radius graph, its spanning forest, and DBSCAN labels at every eps."""

from python_assets.clustering.build import build_forest, extend_forest
from python_assets.clustering.dbscan import dbscan, euclidean_eps
from python_assets.clustering.forest import Forest
from python_assets.clustering.neighbors import radius_pairs
from python_assets.clustering.pairs import Pairs

__all__ = ["Forest", "Pairs", "build_forest", "dbscan", "euclidean_eps", "extend_forest", "radius_pairs"]
