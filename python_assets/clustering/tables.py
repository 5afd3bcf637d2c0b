"""A forest as tables of the warehouse, keyed by text, so that it outlives a renumbering."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from python_assets.clustering.forest import Forest
from python_assets.clustering.saved import ForestSettings, SavedForest
from python_assets.clustering.vectors import Float64Array, Int64Array
from python_assets.errors import SettingsError
from python_assets.warehouse import table_exists

_SETTINGS = ("model", "eps_max", "min_samples")
_NO_EDGES = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


def forest_tables(saved: SavedForest) -> tuple[pa.Table, pa.Table]:
    """Return the edges and the points of a forest as tables.

    Returns
    -------
    edges : pyarrow.Table
        ``text_key_a < text_key_b``, ``squared_distance`` and ``distance`` (float64), ascending.
    points : pyarrow.Table
        Each covered text with the settings, and for min_samples > 1 its squared core distance and
        its nearest texts with their squared distances.
    """
    keys, forest = pa.array(saved.keys, pa.string()), saved.forest
    edges = pa.table(
        {
            "text_key_a": keys.take(pa.array(np.minimum(forest.i, forest.j))),
            "text_key_b": keys.take(pa.array(np.maximum(forest.i, forest.j))),
            "squared_distance": forest.squared,
            "distance": forest.distance,
        }
    )
    n, width = len(saved.keys), forest.neighbors.shape[1]
    near = pa.array(forest.neighbors.ravel(), mask=forest.neighbors.ravel() < 0)
    squared = pa.array(forest.neighbor_squared.ravel(), pa.float64())
    offsets = pa.array(np.arange(n + 1, dtype=np.int32) * width)
    core = forest.core if forest.min_samples > 1 else np.zeros(n)
    points = pa.table(
        {
            "text_key": keys,
            "model": pa.array([saved.settings.model] * n, pa.string()),
            "eps_max": np.full(n, saved.settings.eps_max),
            "min_samples": np.full(n, saved.settings.min_samples, dtype=np.int64),
            "squared_core_distance": core,
            "neighbor_keys": pa.ListArray.from_arrays(offsets, keys.take(near)),
            "neighbor_squared_distances": pa.ListArray.from_arrays(offsets, squared),
        }
    )
    return edges, points


def read_forest(
    connection: duckdb.DuckDBPyConnection,
    type_name: str,
    order: pa.Table,
    wanted: ForestSettings,
) -> Forest:
    """Read a type's saved forest, its points in a given order.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    type_name : str
    order : pyarrow.Table
        ``text_key`` and ``position`` (0, 1, ...) of every text that the forest must cover.
    wanted : ForestSettings
        The settings it must have; it may reach farther than their eps_max.

    Returns
    -------
    Forest

    Raises
    ------
    SettingsError
        The saved forest covers other texts or has other settings.

    Notes
    -----
    DuckDB translates keys into positions; a million points take about a second.
    """
    found = _read(connection, type_name, order)
    if found is None:
        return Forest.plain(0, wanted.eps_max, *_NO_EDGES)
    forest, settings = found
    if forest.n != len(order) or settings.model != wanted.model:
        raise SettingsError(
            f"ml.{type_name}_forest covers other texts or another model's vectors; "
            f"materialize ml/{type_name}_forest first"
        )
    if settings.min_samples != wanted.min_samples or settings.eps_max < wanted.eps_max:
        raise SettingsError(
            f"ml.{type_name}_forest was built with eps_max {settings.eps_max:g} and min_samples "
            f"{settings.min_samples}; with these settings materialize ml/{type_name}_forest first"
        )
    return forest


def read_saved(connection: duckdb.DuckDBPyConnection, type_name: str) -> SavedForest | None:
    """Read a type's saved forest in the order of its keys; None when there is none."""
    if not table_exists(connection, "ml", f"{type_name}_forest_points"):
        return None
    order = connection.sql(
        f"""
        SELECT text_key, row_number() OVER (ORDER BY text_key) - 1 AS position
        FROM ml.{type_name}_forest_points
        """
    ).to_arrow_table()
    found = _read(connection, type_name, order)
    if found is None:
        return None
    keys = order.sort_by("position")["text_key"].to_pylist()
    return SavedForest(keys, *found)


def _read(
    connection: duckdb.DuckDBPyConnection, type_name: str, order: pa.Table
) -> tuple[Forest, ForestSettings] | None:
    """Return the part of the saved forest over the given texts; None when it has no point."""
    connection.register("forest_order", order)
    try:
        points = connection.sql(
            f"""
            SELECT p.* FROM ml.{type_name}_forest_points AS p
            JOIN forest_order AS o USING (text_key) ORDER BY o.position
            """
        ).to_arrow_table()
        edges = connection.sql(
            f"""
            SELECT a.position AS i, b.position AS j, e.squared_distance
            FROM ml.{type_name}_forest AS e
            JOIN forest_order AS a ON e.text_key_a = a.text_key
            JOIN forest_order AS b ON e.text_key_b = b.text_key
            ORDER BY e.squared_distance, e.text_key_a, e.text_key_b
            """
        ).fetchnumpy()
        if not len(points):
            return None
        model, eps_max, k = (points[name][0].as_py() for name in _SETTINGS)
        settings = ForestSettings(model, eps_max, k)
        i, j = (np.asarray(edges[name], dtype=np.int64) for name in "ij")
        squared = np.asarray(edges["squared_distance"], dtype=np.float64)
        if k == 1:
            return Forest.plain(len(points), eps_max, i, j, squared), settings
        near = _neighbors(connection, points, k - 1)
        core = points["squared_core_distance"].to_numpy()
        return Forest(len(points), eps_max, i, j, squared, k, core, *near), settings
    finally:
        connection.unregister("forest_order")


def _neighbors(connection: duckdb.DuckDBPyConnection, points: pa.Table, width: int) -> tuple[Int64Array, Float64Array]:
    keys = points["neighbor_keys"].combine_chunks().flatten()
    connection.register("neighbor_keys", pa.table({"text_key": keys, "place": range(len(keys))}))
    position = connection.sql(
        "SELECT coalesce(position, -1) AS position FROM neighbor_keys "
        "LEFT JOIN forest_order USING (text_key) ORDER BY place"
    ).fetchnumpy()["position"]
    connection.unregister("neighbor_keys")
    squared = points["neighbor_squared_distances"].combine_chunks().flatten().to_numpy()
    shape = (len(points), width)
    return np.asarray(position, dtype=np.int64).reshape(shape), squared.reshape(shape)
