"""The labelled pairs are what their reader says of them, and methods are measured by them as promised."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.bench.bench_truth import best_eps, crossed, methods_table, scores
from tests.bench.truth_pairs import OTHER_KINDS, SAME_KINDS, TruthPair, read_pairs

SMALLEST_KIND = 40
MOST_WORDS = 120


@pytest.fixture(scope="module")
def pairs() -> list[TruthPair]:
    return read_pairs()


def test_every_kind_has_enough_pairs_and_one_label(pairs: list[TruthPair]) -> None:
    sizes = Counter((pair.kind, pair.same) for pair in pairs)
    assert set(sizes) == {(kind, True) for kind in SAME_KINDS} | {(kind, False) for kind in OTHER_KINDS}
    assert min(sizes.values()) >= SMALLEST_KIND


def test_no_pair_stands_twice_or_is_equal(pairs: list[TruthPair]) -> None:
    assert len({(pair.item, pair.prompt) for pair in pairs}) == len(pairs)
    assert [pair for pair in pairs if pair.item == pair.prompt] == []


def test_a_wrapped_prompt_holds_its_item(pairs: list[TruthPair]) -> None:
    assert [pair for pair in pairs if pair.kind == "wrapped" and pair.item not in pair.prompt] == []


def test_items_are_texts_of_a_few_to_120_words(pairs: list[TruthPair]) -> None:
    assert all(pair.item.strip() and pair.prompt.strip() for pair in pairs)
    assert max(len(pair.item.split()) for pair in pairs) <= MOST_WORDS


def test_a_method_is_told_by_the_share_it_finds_of_each_kind(pairs: list[TruthPair]) -> None:
    def contains(items: list[str], prompts: list[str]) -> np.ndarray:
        return np.array([item in prompt for item, prompt in zip(items, prompts, strict=True)])

    head, _, row = (
        [cell.strip() for cell in line.split("|")] for line in methods_table({"c": contains}, pairs).split("\n")
    )
    told = dict(zip(head, row, strict=True))
    assert (told["method"], told["wrapped"], told["translated"], told["same_topic"]) == ("c", "1.00", "0.00", "0.00")
    assert float(told["other items"]) == 0


def test_precision_recall_and_f1() -> None:
    same = np.array([True, True, False, False])
    assert scores(np.array([True, False, True, False]), same) == (0.5, 0.5, 0.5)
    assert scores(np.array([True, True, True, True]), same) == (0.5, 1, 2 / 3)
    assert np.isnan(scores(np.zeros(4, bool), same)[0])


def test_the_best_eps_lies_between_the_labels() -> None:
    told = best_eps(np.array([0.1, 0.2, 0.3, 0.4]), np.array([True, True, False, False]))
    assert "best F1 at eps 0.200 (precision 1.00, recall 1.00" in told
    assert "precision >= 0.95 at eps 0.295" in told


def test_crossed_pairs_never_join_an_item_and_its_own_prompt(pairs: list[TruthPair]) -> None:
    labelled = {(pair.item, pair.prompt) for pair in pairs}
    assert labelled.isdisjoint((pair.item, pair.prompt) for pair in crossed(pairs))
