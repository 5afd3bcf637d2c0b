"""Pairs that a person marked as same or different, and how well each eps agrees with them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from python_assets.clustering.vectors import Int64Array
from python_assets.errors import SettingsError
from python_assets.sources.registry import TYPES

COLUMNS = ("type", "source_prompt_id", "other_source_prompt_id", "label")
SAME, DIFFERENT = "same", "different"


@dataclass(frozen=True)
class LabelledPairs:
    """Marked pairs of a type, as places in the order of its texts.

    Attributes
    ----------
    a, b : ndarray of int64, shape (n,)
        Places of the two texts.
    is_same : ndarray of bool, shape (n,)
        Whether the person called them the same prompt.
    ids : list of (str, str), length n
        The source_prompt_ids of the two.
    unknown : list of str
        Ids of the file that the type does not have; their pairs are left out.
    """

    a: Int64Array
    b: Int64Array
    is_same: npt.NDArray[np.bool_]
    ids: list[tuple[str, str]]
    unknown: list[str]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.a)

    def joined(self, labels: Int64Array) -> npt.NDArray[np.bool_]:
        """Return which pairs some labels put into one cluster; noise (-1) is with nobody else."""
        in_one_cluster = (labels[self.a] == labels[self.b]) & (labels[self.a] >= 0)
        return np.asarray((self.a == self.b) | in_one_cluster, dtype=np.bool_)

    def scores(
        self, eps_values: Sequence[float], labels_at: Callable[[float], Int64Array]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Judge every eps by the marked pairs.

        Parameters
        ----------
        eps_values : sequence of float
        labels_at : callable
            Gives the labels of all texts, shape (n_texts,), for an eps.

        Returns
        -------
        precision : ndarray of float64, shape (n_values,)
            Share of the joined pairs that are the same; NaN where no pair is joined.
        recall : ndarray of float64, shape (n_values,)
            Share of the same pairs that are joined; NaN where no pair is the same.
        """
        joined = np.stack([self.joined(labels_at(eps)) for eps in eps_values])
        right = (joined & self.is_same).sum(axis=1)
        with np.errstate(invalid="ignore"):
            return right / joined.sum(axis=1), right / self.is_same.sum()


def read_labelled_pairs(
    path: Path, connection: duckdb.DuckDBPyConnection, type_name: str, keys: Sequence[str]
) -> LabelledPairs:
    """Read the pairs of a type from a CSV file.

    Parameters
    ----------
    path : Path
        UTF-8, with the header ``type,source_prompt_id,other_source_prompt_id,label``; the label is
        ``same`` or ``different``. The review page downloads such a file.
    connection : DuckDBPyConnection
        The warehouse; an exact duplicate is found by its id as well.
    type_name : str
    keys : sequence of str
        Text keys in the order in which labels come.

    Raises
    ------
    SettingsError
        The file cannot be read, or a line is not as described. The message names the line.
    """
    marked = [(row[1], row[2], row[3] == SAME) for row in _checked_rows(path) if row[0] == type_name]
    named = sorted({name for pair in marked for name in pair[:2]})
    place = {key: number for number, key in enumerate(keys)}
    places = {name: place[key] for name, key in _text_keys(connection, type_name, named).items() if key in place}
    known = [row for row in marked if row[0] in places and row[1] in places]
    return LabelledPairs(
        np.array([places[row[0]] for row in known], dtype=np.int64),
        np.array([places[row[1]] for row in known], dtype=np.int64),
        np.array([row[2] for row in known], dtype=bool),
        [row[:2] for row in known],
        [name for name in named if name not in places],
    )


def _checked_rows(path: Path) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"the labelled pairs cannot be read from {path}: {error}") from None
    if not rows or tuple(rows[0]) != COLUMNS:
        raise SettingsError(f"{path}: the first line must be {','.join(COLUMNS)}")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(COLUMNS) or row[0] not in TYPES or row[3] not in (SAME, DIFFERENT):
            raise SettingsError(
                f"{path}, record {number}: a type ({', '.join(TYPES)}), two ids and {SAME} or {DIFFERENT} "
                f"were expected, not {','.join(row)[:200]!r}"
            )
    return rows[1:]


def _text_keys(connection: duckdb.DuckDBPyConnection, type_name: str, names: list[str]) -> dict[str, str]:
    connection.register("named_rows", pa.table({"name": pa.array(names, pa.string())}))
    return dict(
        connection.sql(
            f"""
            SELECT name, text_key FROM named_rows
            INNER JOIN intermediate.int_{type_name}_merged ON source_prompt_id = name
            UNION ALL
            SELECT name, m.text_key FROM named_rows
            INNER JOIN intermediate.int_{type_name}_duplicates AS d ON d.source_prompt_id = name
            INNER JOIN intermediate.int_{type_name}_merged AS m ON m.all_prompt_id = d.merged_prompt_id
            """
        ).fetchall()
    )
