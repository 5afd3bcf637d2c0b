"""What a folder was made from: the same rows have the same fingerprint, in any order, and other rows another."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from python_assets.exports.made_from import (
    describe,
    describe_merged_rows,
    describe_settings,
    forget_made_from,
    made_from_other_rows,
    read_made_from,
    write_made_from,
)

ROWS = [("0_a", "k0", 1), ("1_a", "k1", None), ("0_b", "k2", 2**127 + 5)]


def _fingerprint(rows: list[tuple[str, str, int | None]]) -> dict[str, object]:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA intermediate")
        connection.execute(
            "CREATE TABLE intermediate.int_sft_merged (source_prompt_id VARCHAR, exact_key VARCHAR, "
            "solution_key UHUGEINT)"
        )
        for row in rows:
            connection.execute("INSERT INTO intermediate.int_sft_merged VALUES (?, ?, ?::VARCHAR::UHUGEINT)", list(row))
        described = describe_merged_rows(connection, "sft")
    assert described is not None
    return described


def test_the_order_of_rows_does_not_matter() -> None:
    assert _fingerprint(ROWS) == _fingerprint(ROWS[::-1])


@pytest.mark.parametrize(
    "others",
    [
        ROWS[:2],
        [*ROWS, ROWS[0]],
        [("2_a", "k0", 1), *ROWS[1:]],
        [("0_a", "k9", 1), *ROWS[1:]],
        [("0_a", "k0", None), *ROWS[1:]],
        [ROWS[0], ROWS[1], ("0_b", "k2", 5)],
    ],
)
def test_another_row_gives_another_fingerprint(others: list[tuple[str, str, int | None]]) -> None:
    assert _fingerprint(others) != _fingerprint(ROWS)


def test_folders_of_other_rows_are_named_and_unfinished_ones_are_not(tmp_path: Path) -> None:
    for name, rows in (("dedup_eps0.1", ROWS), ("dedup_eps0.2", ROWS[:2]), ("dedup_eps0.3", ROWS[:2])):
        write_made_from(tmp_path / "sft_all" / name, describe("sft", {}, [], _fingerprint(rows)))
    (tmp_path / "sft_all" / "dedup_eps0.4").mkdir()
    forget_made_from(tmp_path / "sft_all" / "dedup_eps0.3")
    assert made_from_other_rows(tmp_path, "sft", _fingerprint(ROWS)) == [tmp_path / "sft_all" / "dedup_eps0.2"]
    assert read_made_from(tmp_path / "sft_all" / "dedup_eps0.3") is None


def test_settings_are_those_of_the_tables_where_a_step_is_run_alone() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA ml; CREATE SCHEMA intermediate")
        connection.execute(
            "CREATE TABLE ml.sft_clusters AS SELECT 0.1::DOUBLE AS eps, 'cosine' AS metric, 2 AS min_samples"
        )
        connection.execute(
            "CREATE TABLE intermediate.int_sft_merged AS SELECT 'p' AS prompt, 3 AS solution_chars, "
            "sha256('p') AS text_key, sha256(sha256('p') || sha256('abc')) AS exact_key"
        )
        connection.execute("CREATE TABLE ml.benchmark_items AS SELECT 'house' AS benchmark, 'abc' AS origin, 7 AS item")
        given = {"eps": 0.2, "text": "prompt_solution", "exact_key": "prompt", "benchmarks": {}}
        found = describe_settings(connection, "sft", given)
    assert found == {
        "eps": 0.1,
        "metric": "cosine",
        "min_samples": 2,
        "text": "prompt",
        "exact_key": "prompt_solution",
        "benchmarks": {"house": "abc"},
    }
