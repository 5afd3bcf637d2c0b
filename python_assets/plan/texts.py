"""Which texts a run would embed, and what becomes of the forest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from python_assets.exports.made_from import describe_settings
from python_assets.plan.datasets import EMPTIED, DatasetPlan
from python_assets.plan.request import Request
from python_assets.warehouse import table_exists

KEPT, UPDATED, BUILT = "kept", "updated", "built anew"


@dataclass(frozen=True)
class TextPlan:
    """The texts of a type after a run.

    Attributes
    ----------
    n_texts : int
    n_to_embed : int
        Those that the model's store lacks.
    n_characters : int or None
        Of the texts to embed; None where that is not known.
    is_about : bool
        Whether the numbers are estimated.
    rows_change : bool
        Whether other rows are merged.
    forest : str
        kept, updated (only what is new or was joined through what has gone is compared) or built anew.
    why : str
        Of the forest.
    """

    n_texts: int
    n_to_embed: int
    n_characters: int | None
    is_about: bool
    rows_change: bool
    forest: str
    why: str = ""


@dataclass(frozen=True)
class Known:
    """What the tables say of the texts that stay.

    Attributes
    ----------
    n_texts, n_to_embed : int
    n_characters : int
        Of those to embed.
    is_about : bool
    """

    n_texts: int = 0
    n_to_embed: int = 0
    n_characters: int = 0
    is_about: bool = False


def plan_texts(
    connection: duckdb.DuckDBPyConnection, type_name: str, datasets: Sequence[DatasetPlan], request: Request
) -> TextPlan:
    """Say what is to be embedded and clustered.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    type_name : str
    datasets : sequence of DatasetPlan
        Of those that feed the type.
    request : Request
    """
    has_tables = all(table_exists(connection, "intermediate", f"int_{type_name}_{t}") for t in _TABLES)
    if not has_tables:
        n_rows = sum(plan.n_rows for plan in datasets)
        return TextPlan(n_rows, n_rows, None, n_rows > 0, n_rows > 0, BUILT if n_rows else KEPT)
    merged = _merged_rows(connection, type_name)
    changing = [p for p in datasets if p.changes_rows or p.n_rows != merged.get(p.dataset.dataset, 0)]
    known = _known(connection, type_name, [plan.dataset.dataset for plan in changing], request)
    n_rows_before, n_texts_before = sum(merged.values()), _count(connection, f"intermediate.int_{type_name}_texts")
    share = n_texts_before / n_rows_before if n_rows_before else 1.0
    incoming = round(sum(plan.n_rows for plan in changing) * share)
    is_about = known.is_about or any(plan.n_rows for plan in changing)
    n_to_embed = known.n_to_embed + incoming
    return TextPlan(
        known.n_texts + incoming,
        n_to_embed,
        None if incoming else known.n_characters,
        is_about,
        bool(changing),
        *_forest(connection, type_name, changing, n_to_embed, request),
    )


_TABLES = ("extracted", "merged", "texts")


def _merged_rows(connection: duckdb.DuckDBPyConnection, type_name: str) -> dict[str, int]:
    """Return how many rows of each dataset the merge has seen."""
    query = f"SELECT dataset, count(*) FROM intermediate.int_{type_name}_extracted GROUP BY dataset"
    return dict(connection.sql(query).fetchall())


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def _known(connection: duckdb.DuckDBPyConnection, type_name: str, changing: list[str], request: Request) -> Known:
    """Look at the texts of the datasets that stay as they are."""
    wanted = request.settings["text"]
    before = describe_settings(connection, type_name, {"text": wanted})["text"]
    schema = f"intermediate.int_{type_name}"
    if before == wanted:
        query = f"""
            SELECT text_key, length(text) AS n_characters FROM {schema}_texts
            SEMI JOIN (SELECT text_key FROM {schema}_merged WHERE NOT list_contains(?, dataset)) USING (text_key)
        """
    elif wanted == "prompt":
        query = f"""
            SELECT sha256(prompt) AS text_key, any_value(length(prompt)) AS n_characters
            FROM {schema}_merged WHERE NOT list_contains(?, dataset) GROUP BY ALL
        """
    else:
        # The texts themselves are to be made yet; so many they are.
        n_texts, n_characters = connection.execute(
            f"""
            SELECT count(*), coalesce(sum(n_characters), 0) FROM (
                SELECT any_value(prompt_chars + coalesce(solution_chars, 0)) AS n_characters
                FROM {schema}_extracted WHERE reject_reason IS NULL AND NOT list_contains(?, dataset)
                GROUP BY exact_key, solution_key
            )
            """,
            [changing],
        ).fetchall()[0]
        return Known(n_texts, n_texts, int(n_characters), is_about=n_texts > 0)
    texts = connection.execute(query, [changing]).to_arrow_table()
    keys: pa.ChunkedArray = texts["text_key"]
    missing = request.store.index(set_aside=False).find(keys.combine_chunks().cast(pa.string())) < 0
    characters = np.asarray(texts["n_characters"].to_numpy())
    return Known(len(texts), int(np.count_nonzero(missing)), int(characters[missing].sum()))


def _forest(
    connection: duckdb.DuckDBPyConnection,
    type_name: str,
    changing: Sequence[DatasetPlan],
    n_to_embed: int,
    request: Request,
) -> tuple[str, str]:
    """Say what becomes of the saved forest, by the rules of `python_assets.clustering.saved.update_forest`."""
    before = _saved_settings(connection, type_name, request)
    if before is None:
        return BUILT, ""
    wanted = asdict(request.forest)
    if differing := [name for name, value in wanted.items() if before[name] != value]:
        return BUILT, ", ".join(f"{name} {before[name]} -> {wanted[name]}" for name in differing)
    if before["text"] != request.settings["text"]:
        return BUILT, "other texts"
    emptied = next((plan.dataset.dataset for plan in changing if plan.change == EMPTIED or not plan.n_rows), None)
    added, gone = _texts_apart(connection, type_name)
    if not changing and not added and not gone and not n_to_embed:
        return KEPT, ""
    if request.forest.min_samples > 1:
        return BUILT, "with min_samples above 1 other texts change it"
    if emptied:
        return UPDATED, f"without {emptied}"
    return UPDATED, f"{gone:,} texts are gone" if gone else ""


def _saved_settings(connection: duckdb.DuckDBPyConnection, type_name: str, request: Request) -> dict[str, Any] | None:
    if not table_exists(connection, "ml", f"{type_name}_forest_points"):
        return None
    query = f"SELECT model, eps_max, min_samples FROM ml.{type_name}_forest_points LIMIT 1"
    rows = connection.sql(query).to_arrow_table().to_pylist()
    if not rows:
        return None
    text = describe_settings(connection, type_name, {"text": request.settings["text"]})["text"]
    return {**rows[0], "text": text}


def _texts_apart(connection: duckdb.DuckDBPyConnection, type_name: str) -> tuple[int, int]:
    """Return how many comparable texts the forest lacks, and how many of its texts there are no longer."""
    texts, points = f"intermediate.int_{type_name}_texts", f"ml.{type_name}_forest_points"
    gone = _count(connection, f"(SELECT text_key FROM {points} ANTI JOIN {texts} USING (text_key))")
    labelled = (
        f"SEMI JOIN (SELECT text_key FROM ml.{type_name}_clusters WHERE NOT is_comparable) USING (text_key)"
        if table_exists(connection, "ml", f"{type_name}_clusters")
        else "WHERE false"
    )
    lacking = f"(SELECT text_key FROM {texts} ANTI JOIN {points} USING (text_key))"
    return _count(connection, lacking) - _count(connection, f"(SELECT * FROM {lacking} {labelled})"), gone
