"""The labelled pairs with which methods are measured are what their reader says of them."""

from __future__ import annotations

from collections import Counter

import pytest

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
