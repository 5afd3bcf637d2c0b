"""Vectors to the labels of DBSCAN."""

from python_assets.clustering.dbscan import dbscan

__all__ = ["dbscan"]
