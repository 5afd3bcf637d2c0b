from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from python_assets.errors import SettingsError
from python_assets.labelled_pairs import LabelledPairs, read_labelled_pairs

HEADER = "type,source_prompt_id,other_source_prompt_id,label\n"
KEYS = ["key of a", "key of b", "key of c"]


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    """Three merged rows, and an exact duplicate of the first."""
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA intermediate")
    connection.execute(
        """
        CREATE TABLE intermediate.int_sft_merged AS SELECT * FROM (VALUES
            (0, '0_a', 'key of a'), (1, '0_b, the "second"', 'key of b'), (2, '0_c', 'key of c')
        ) AS rows (all_prompt_id, source_prompt_id, text_key)
        """
    )
    connection.execute(
        "CREATE TABLE intermediate.int_sft_duplicates AS SELECT '9_a' AS source_prompt_id, 0 AS merged_prompt_id"
    )
    return connection


def read(path: Path, connection: duckdb.DuckDBPyConnection, text: str) -> LabelledPairs:
    path.write_text(text, encoding="utf-8")
    return read_labelled_pairs(path, connection, "sft", KEYS)


def test_pairs_are_found_by_their_ids_those_of_exact_duplicates_included(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    pairs = read(
        tmp_path / "pairs.csv",
        connection,
        HEADER + 'sft,9_a,"0_b, the ""second""",same\nsft,0_c,0_a,different\ncot,0_a,0_c,same\nsft,0_a,77_a,same\n',
    )
    assert pairs.a.tolist() == [0, 2]
    assert pairs.b.tolist() == [1, 0]
    assert pairs.is_same.tolist() == [True, False]
    assert pairs.unknown == ["77_a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the first line must be type,source_prompt_id"),
        ("a,b,c,d\n", "the first line must be type,source_prompt_id"),
        (HEADER + "sft,0_a,0_b,same\nsft,0_a,0_b,perhaps\n", "record 3"),
        (HEADER + "sft,0_a,same\n", "record 2"),
        (HEADER + "song,0_a,0_b,same\n", "record 2"),
    ],
)
def test_a_file_that_is_not_as_described_is_refused_with_its_line(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, text: str, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        read(tmp_path / "pairs.csv", connection, text)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    for name in ("binary.csv", "missing.csv"):
        with pytest.raises(SettingsError, match=name):
            read_labelled_pairs(tmp_path / name, connection, "sft", KEYS)


def test_precision_and_recall_count_the_pairs_that_each_eps_joins() -> None:
    pairs = LabelledPairs(
        a=np.array([0, 1, 0, 3]),
        b=np.array([1, 2, 3, 3]),
        is_same=np.array([True, True, False, True]),
        ids=[],
        unknown=[],
    )
    labels = {
        0.1: np.array([0, 1, 2, 3]),
        0.2: np.array([0, 0, 1, 2]),
        0.3: np.array([0, 0, 0, 0]),
        0.4: np.array([-1, -1, -1, -1]),
    }
    precision, recall = pairs.scores(list(labels), labels.__getitem__)
    # Two rows of one text (the last pair) are together at every eps; texts that are noise are not.
    np.testing.assert_allclose(precision, [1, 1, 3 / 4, 1])
    np.testing.assert_allclose(recall, [1 / 3, 2 / 3, 1, 1 / 3])


def test_without_a_pair_to_judge_there_is_no_score() -> None:
    empty = np.zeros(0, dtype=np.int64)
    precision, recall = LabelledPairs(empty, empty, empty.astype(bool), [], []).scores(
        [0.1], lambda eps: np.zeros(2, np.int64)
    )
    assert np.isnan(precision).all()
    assert np.isnan(recall).all()
