"""The review page shows the benchmark items that were found in prompts, and which of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from python_assets.exports.review import write
from python_assets.exports.review.write import write_review
from tests.review_cases import TYPE, add_benchmarks, open_warehouse, read_blocks

ITEM = "How many legs have three hens and two goats?"


def _blocks(tmp_path: Path, *tables: Any, changed: str = "") -> dict[str, Any]:
    connection = open_warehouse([])
    if tables:
        add_benchmarks(connection, *tables)
    connection.execute(changed or "SELECT 1")
    path = tmp_path / "page.html"
    write_review(connection, path, TYPE, 0.2)
    return read_blocks(path)


def _counts(blocks: dict[str, Any]) -> dict[tuple[str | None, str | None], tuple[int, int]]:
    return {(c["benchmark"], c["method"]): (c["pairs"], c["removed"]) for c in blocks["head"]["benchmarks"]}


def _many(n: int) -> tuple[Sequence[str], Sequence[tuple[str, int, str]], list[Any]]:
    scores = [number / n for number in range(n)]
    return (
        [f"{ITEM} Answer {number}." for number in range(n)],
        [("farm", 0, ITEM)],
        [(number, "farm", 0, "ngram_8", score, None, True) for number, score in enumerate(scores)],
    )


@pytest.mark.parametrize(
    "changed",
    [
        "DROP TABLE marts.contamination",
        "DROP TABLE ml.benchmark_items",
        "DELETE FROM marts.contamination",
        "UPDATE marts.contamination SET type = 'cot'; DROP TABLE intermediate.int_sft_merged",
    ],
)
def test_without_anything_found_there_is_no_block(tmp_path: Path, changed: str) -> None:
    blocks = _blocks(tmp_path, *_many(3), changed=changed)
    assert blocks["head"]["benchmarks"] == []
    assert "benchmarks" not in blocks


def test_a_pair_that_several_methods_found_stands_once_with_all_of_them(tmp_path: Path) -> None:
    found = [
        (0, "farm", 7, "embedding", 0.98, 0.2, False),
        (0, "farm", 7, "ngram_8", 0.9, None, False),
        (0, "farm", 7, "exact", 1.0, None, False),
        (0, "farm", 8, "ngram_8", 0.5, None, False),
        (1, "zoo", 7, "ngram_8", 0.6, None, True),
    ]
    items = [("farm", 7, ITEM), ("farm", 8, "How many wings?"), ("zoo", 7, "How many tigers?")]
    blocks = _blocks(tmp_path, [f"{ITEM} Explain.", "tigers"], items, found)
    pairs = [
        (pair["benchmark"], pair["item"], pair["item_text"]["text"], pair["prompt"]["source"], pair["is_kept"],
         [(method["method"], method["score"], method["distance"]) for method in pair["methods"]])
        for pair in blocks["benchmarks"]
    ]  # fmt: skip
    first = [("exact", 1.0, None), ("ngram_8", 0.9, None), ("embedding", 0.98, 0.2)]
    assert pairs == [
        ("farm", 7, ITEM, "0_acme/riddles", False, first),
        ("zoo", 7, "How many tigers?", "1_acme/riddles", True, [("ngram_8", 0.6, None)]),
        ("farm", 8, "How many wings?", "0_acme/riddles", False, [("ngram_8", 0.5, None)]),
    ]
    counts = _counts(blocks)
    assert counts[None, None] == (3, 2)
    assert counts["farm", None] == (2, 2)
    assert counts[None, "ngram_8"] == (3, 2)
    assert counts["zoo", "ngram_8"] == (1, 0)
    assert ("zoo", "exact") not in counts


def test_of_many_pairs_those_with_the_highest_and_the_lowest_scores_are_there(tmp_path: Path) -> None:
    n = 150
    blocks = _blocks(tmp_path, *_many(n))
    scores = [pair["methods"][0]["score"] for pair in blocks["benchmarks"]]
    assert scores == [number / n for number in [*range(n - 1, n - 51, -1), *range(49, -1, -1)]]
    assert _counts(blocks)["farm", "ngram_8"] == (n, 0)


def test_a_pair_within_the_limit_of_one_method_is_not_listed_for_another(tmp_path: Path) -> None:
    prompts, items, found = _many(150)
    blocks = _blocks(tmp_path, prompts, items, [*found, (75, "farm", 0, "embedding", 0.99, 0.14, True)])
    (pair,) = (pair for pair in blocks["benchmarks"] if pair["prompt"]["id"] == 75)
    assert {method["method"]: method["is_listed"] for method in pair["methods"]} == {
        "ngram_8": False,
        "embedding": True,
    }


def test_rows_of_the_same_prompt_are_one_pair_shown_as_the_kept_row(tmp_path: Path) -> None:
    found = [(number, "farm", 0, "exact", 1.0, None, number == 2) for number in range(4)]
    (pair,) = _blocks(tmp_path, [ITEM] * 4, [("farm", 0, ITEM)], found)["benchmarks"]
    assert (pair["prompt"]["id"], pair["n_rows"], pair["is_kept"]) == (2, 4, True)


def test_a_cut_prompt_says_what_was_found_in_it(tmp_path: Path) -> None:
    found = [(number, "farm", 0, "ngram_8", 1.0, None, False) for number in range(2)]
    blocks = _blocks(tmp_path, ["x" * 10_000, ITEM], [("farm", 0, "長" * 9_000)], found)
    cut, whole = sorted(blocks["benchmarks"], key=lambda pair: pair["prompt"]["id"])
    assert (len(cut["prompt"]["text"]), cut["prompt"]["chars"], cut["matching_text"]) == (8_000, 10_000, "x" * 400)
    assert (whole["prompt"]["text"], whole["matching_text"]) == (ITEM, None)
    assert (len(whole["item_text"]["text"]), whole["item_text"]["chars"]) == (8_000, 9_000)


def test_texts_are_shorter_where_all_of_them_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "MAX_BENCHMARK_CHARS", 20_000)
    prompts = [f"{number}{'y' * 5_000}" for number in range(100)]
    found = [(number, "farm", 0, "ngram_8", 1.0, None, False) for number in range(100)]
    blocks = _blocks(tmp_path, prompts, [("farm", 0, ITEM)], found)
    texts = [pair["prompt"]["text"] for pair in blocks["benchmarks"]]
    assert len(texts) == 100
    assert 10_000 < sum(map(len, texts)) <= 20_000
