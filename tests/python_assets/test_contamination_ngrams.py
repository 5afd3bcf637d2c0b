"""Every prompt that holds enough of an item is found, and no other; each item of the same words is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_assets.contamination.lexical import EXACT, LexicalIndex, Repeats, ngram_method
from python_assets.contamination.ngrams import MAX_ITEMS_PER_NGRAM, NgramIndex
from python_assets.contamination.words import words

TEXT = st.lists(st.sampled_from("abcd"), max_size=14).map(" ".join)
COW = "A farmer has 12 cows and sells 5 of them on Monday. How many cows are left?"


@given(items=st.lists(TEXT, max_size=30, unique=True), texts=st.lists(TEXT, max_size=8), n=st.integers(1, 4))
def test_overlaps_are_those_of_the_definition(items: list[str], texts: list[str], n: int) -> None:
    found = NgramIndex(words(items), n).find(words(texts), 1e-9)
    shares = {(t, i): s for t, i, s in zip(found.text.tolist(), found.item.tolist(), found.share, strict=True)}
    assert shares == pytest.approx(_by_definition(items, texts, n))


@given(items=st.lists(TEXT, max_size=8, unique=True), texts=st.lists(TEXT, max_size=8), least=st.floats(0.01, 1))
def test_a_threshold_takes_those_at_or_above_it(items: list[str], texts: list[str], least: float) -> None:
    index = NgramIndex(words(items), 2)
    every, some = index.find(words(texts), 1e-9), index.find(words(texts), least)
    enough = every.share >= least
    assert some.text.tolist() == every.text[enough].tolist()
    assert some.item.tolist() == every.item[enough].tolist()


def test_a_phrase_of_many_items_is_no_evidence_for_any() -> None:
    items = [f"which of the following statements is true of topic{number}" for number in range(MAX_ITEMS_PER_NGRAM + 1)]
    found = NgramIndex(words(items), 5).find(words(["which of the following statements is true here"]), 1e-9)
    assert found.text.size == 0
    found = NgramIndex(words(items), 5).find(words([items[7]]), 1e-9)
    assert (found.item.tolist(), found.share.tolist()) == ([7], [1.0])


def test_the_longest_common_stretch_is_quoted_from_the_prompt() -> None:
    prompt = f"Read this with care: {COW.upper()} Think step by step."
    (found,) = [one for one in LexicalIndex([COW], {8: 0.5}).find([prompt]) if one.method == ngram_method(8)]
    assert found.matching_text == [COW.upper().rstrip("?")]
    assert found.score.tolist() == [1.0]


def test_half_of_an_item_has_half_of_the_score() -> None:
    item = " ".join(f"w{number}" for number in range(20))
    half = " ".join(f"w{number}" for number in range(10))
    (found,) = [one for one in LexicalIndex([item], {8: 0.5}).find([half]) if one.method == ngram_method(8)]
    assert found.score.tolist() == [0.5]


def test_items_of_the_same_words_are_all_found_and_empty_ones_never() -> None:
    found = _by_method(LexicalIndex([COW, "", COW.lower(), "..."], {8: 0.5}), ["", "?!", f"{COW} "])
    assert list(zip(found[EXACT].prompt, found[EXACT].item, strict=True)) == [(2, 0), (2, 2)]
    assert list(zip(found["ngram_8"].prompt, found["ngram_8"].item, strict=True)) == [(2, 0), (2, 2)]


def test_nothing_is_found_without_items_or_prompts() -> None:
    for index, prompts in ((LexicalIndex([], {8: 0.5}), [COW]), (LexicalIndex([COW], {8: 0.5}), [])):
        assert [len(found.prompt) for found in index.find(prompts)] == [0, 0]


def _by_method(index: LexicalIndex, prompts: list[str]) -> dict[str, Repeats]:
    return {found.method: found for found in index.find(prompts)}


def _by_definition(items: list[str], texts: list[str], n: int) -> dict[tuple[int, int], float]:
    def grams(text: str) -> list[tuple[str, ...]]:
        cut = text.split()
        return [tuple(cut[k : k + n]) for k in range(len(cut) - n + 1)]

    held = [set(grams(item)) for item in items]
    own = {gram for grams_of_item in held for gram in grams_of_item}
    own = {gram for gram in own if sum(gram in other for other in held) <= MAX_ITEMS_PER_NGRAM}
    shares = {}
    for t, text in enumerate(texts):
        has = set(grams(text))
        for i, item in enumerate(items):
            places = [(k, gram) for k, gram in enumerate(grams(item)) if gram in own]
            covered = {k + step for k, gram in places if gram in has for step in range(n)}
            if covered:
                shares[t, i] = len(covered) / len({k + step for k, _ in places for step in range(n)})
    return shares
