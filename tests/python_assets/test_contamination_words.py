"""Two texts have the same words when a reader would say that they ask the same, letter for letter."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_assets.contamination.words import words

SAME = [
    ("What is  the area?", "what is the AREA"),
    ("Solve $x^2 = 9$.", "solve x ^ 2 = 9"),
    ("a well-known, “quoted” fact", "A well known 'quoted' fact!"),
    ("**Bold** and _slanted_\n- a list", "bold and slanted a list"),
    ("> a quoted line", "a quoted line"),
    ("re\u0301sume\u0301", "r\u00e9sum\u00e9"),
    ("2 × 3 − 1 ÷ 4", "2 * 3 - 1 / 4"),
    ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
    ("Straße", "STRASSE"),
    ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
    ("今天几点？", "今天 几点"),
    ("e-mail and/or fax", "e mail and or fax"),
]
DIFFERENT = [
    ("12 + 5", "12 - 5"),
    ("12+5", "12*5"),
    ("x - y", "x + y"),
    ("x < 5", "x > 5"),
    ("x = -5", "x = 5"),
    ("10% of 20", "10 of 20"),
    ("2 ≤ x", "2 ≥ x"),
    ("3.14", "31.4"),
    ("今天几点", "明天几点"),
    ("one two", "two one"),
    ("what is it", "what is"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_words(one: str, other: str) -> None:
    first, second = words([one, other]).whole()
    assert first == second


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_words(one: str, other: str) -> None:
    first, second = words([one, other]).whole()
    assert first != second


# Of scripts that are written with spaces, and without what would be a sign between operands.
SPACED = st.text(st.sampled_from("aZéßñÀжЖλ0179 \n\t.,;:!?\"'()[]{}_#@&$|~\\"))


@given(texts=st.lists(SPACED, max_size=6))
def test_words_are_the_runs_of_letters_and_digits(texts: list[str]) -> None:
    found = words(texts)
    for number, text in enumerate(texts):
        runs = re.findall(r"[^\W_]+", text)
        assert [found.between(number, k, k) for k in range(found.counts()[number])] == runs


@given(texts=st.lists(SPACED, min_size=2, max_size=6))
def test_equal_hashes_mean_equal_words_without_case_and_accents(texts: list[str]) -> None:
    found = words(texts)
    plain = [[_plain(run) for run in re.findall(r"[^\W_]+", text)] for text in texts]
    hashes = [found.of(number).tolist() for number in range(len(texts))]
    for one, its_hashes in zip(plain, hashes, strict=True):
        for other, other_hashes in zip(plain, hashes, strict=True):
            assert (one == other) == (its_hashes == other_hashes)


@given(texts=st.lists(st.text(), max_size=5))
def test_any_text_is_cut_and_what_is_cut_stands_in_it(texts: list[str]) -> None:
    found = words(texts)
    for number, text in enumerate(texts):
        count = int(found.counts()[number])
        assert (not count) or found.between(number, 0, count - 1) in text


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if unicodedata.category(c) != "Mn")
