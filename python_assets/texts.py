"""The texts of a type, in order of their first all_prompt_id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from python_assets.embeddings.encoded import is_comparable
from python_assets.errors import SettingsError
from python_assets.sources.registry import TYPES
from python_assets.warehouse import connect, table_exists


@dataclass(frozen=True)
class TextFlags:
    """Which texts of a type can be compared.

    Attributes
    ----------
    keys : list of str
        Text keys, in order of first_prompt_id.
    comparable : ndarray of bool, shape (n,)
    """

    keys: list[str]
    comparable: npt.NDArray[np.bool_]

    def comparable_keys(self) -> list[str]:
        """Return the keys of the comparable texts, in the same order."""
        return [key for key, yes in zip(self.keys, self.comparable, strict=True) if yes]

    def order_of_comparable(self) -> pa.Table:
        """Return ``text_key`` and ``position`` (0, 1, ...) of the comparable texts."""
        keys = pa.array(self.comparable_keys(), pa.string())
        return pa.table({"text_key": keys, "position": np.arange(len(keys), dtype=np.int64)})


def text_keys(connection: duckdb.DuckDBPyConnection, type_name: str) -> list[str]:
    """Return the keys of all texts of a type, in order of first_prompt_id."""
    table = connection.sql(
        f"SELECT text_key FROM intermediate.int_{type_name}_texts ORDER BY first_prompt_id"
    ).to_arrow_table()
    return list(table["text_key"].to_pylist())


def text_flags(connection: duckdb.DuckDBPyConnection, type_name: str) -> TextFlags:
    """Return which texts of a type can be compared, by what the model saw of them.

    Raises
    ------
    SettingsError
        A text has no embedding yet.
    """
    table = connection.sql(
        f"""
        SELECT t.text_key, e.n_tokens, e.n_unknown, e.is_truncated
        FROM intermediate.int_{type_name}_texts AS t
        LEFT JOIN ml.{type_name}_embeddings AS e USING (text_key)
        ORDER BY t.first_prompt_id
        """
    ).to_arrow_table()
    if table["n_tokens"].null_count:
        raise SettingsError(
            f"{table['n_tokens'].null_count} texts of {type_name} have no embedding; "
            f"materialize ml/{type_name}_embeddings first"
        )
    seen = (table[name].to_numpy() for name in ("n_tokens", "n_unknown", "is_truncated"))
    return TextFlags(table["text_key"].to_pylist(), is_comparable(*seen))


class WarehouseTexts:
    """The texts of a type by their keys, and of the other types where this one lacks a key.

    Parameters
    ----------
    database : Path
        The warehouse; it is open only while something is read.
    type_name : str
    """

    def __init__(self, database: Path, type_name: str) -> None:
        self._database = database
        self._types = [type_name, *(other for other in TYPES if other != type_name)]

    def lengths(self, keys: Sequence[str]) -> list[int]:
        """Return the characters of each text, -1 for one that is not there."""
        return [-1 if found is None else found for found in self._find(keys, "length(text)")]

    def read(self, keys: Sequence[str]) -> list[str]:
        """Return the texts of some keys, in their order."""
        return self._find(keys, "text")

    def _find(self, keys: Sequence[str], value: str) -> list[Any]:
        found: list[Any] = [None] * len(keys)
        places = np.arange(len(keys))
        with connect(self._database, read_only=True) as connection:
            for type_name in self._types:
                if not len(places) or not table_exists(connection, "intermediate", f"int_{type_name}_texts"):
                    continue
                wanted = pa.table(
                    {"text_key": pa.array([keys[place] for place in places.tolist()], pa.string()), "place": places}
                )
                connection.register("wanted_keys", wanted)
                table = connection.sql(
                    f"SELECT place, {value} AS found FROM intermediate.int_{type_name}_texts "
                    "INNER JOIN wanted_keys USING (text_key)"
                ).to_arrow_table()
                for place, content in zip(table["place"].to_numpy(), table["found"].to_pylist(), strict=True):
                    found[place] = content
                places = np.setdiff1d(places, table["place"].to_numpy())
        return found
