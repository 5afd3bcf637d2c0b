"""The benchmark items found in prompts, in a browser, as the person who judges them uses the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from python_assets.exports.review.write import write_review
from tests.browser import browser, need_browser, open_page
from tests.review_cases import TYPE, add_benchmarks, open_warehouse

HOSTILE = "<img src=x onerror=window.hacked=1>"
ITEM = "How many legs have three hens and two goats?"
PROMPTS = [
    "How many legs have three hens and five goats?",
    f"Passage: {'the yard is wide and ' * 200}. Question: {ITEM}",
    f"{HOSTILE} \u202ehow many\u202c </script>",
    *(f"Count the wings of {number} hens" for number in range(30)),
]
ITEMS = [("farm", 7, ITEM), (HOSTILE, 1, HOSTILE), ("wings", 0, "Count the wings of a hen")]
FOUND = [
    (0, "farm", 7, "ngram_8", 0.8, None, True),
    (0, "farm", 7, "embedding", 0.9876, 0.1575, True),
    (1, "farm", 7, "ngram_8", 1.0, None, False),
    (2, HOSTILE, 1, "exact", 1.0, None, False),
    *((3 + number, "wings", 0, "ngram_8", number / 100, None, True) for number in range(30)),
]


@pytest.fixture(scope="module")
def driver() -> Iterator[webdriver.Chrome]:
    need_browser()
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    connection = open_warehouse([("A cluster", "A cluster.")])
    add_benchmarks(connection, PROMPTS, ITEMS, FOUND)
    path = tmp_path_factory.mktemp("review") / "cluster_review.html"
    write_review(connection, path, TYPE, 0.2)
    return path


def _choose(driver: webdriver.Chrome, benchmark: str, method: str) -> None:
    Select(driver.find_element(By.ID, "benchmark")).select_by_value(benchmark)
    Select(driver.find_element(By.ID, "method")).select_by_value(method)


def _cards(driver: webdriver.Chrome) -> list[list[str]]:
    """The header of each card, line by line."""
    return [header.text.split("\n") for header in driver.find_elements(By.CSS_SELECTOR, "#benchmark-list .pair header")]


def _marked(driver: webdriver.Chrome, card: int, side: int) -> list[str]:
    chosen = driver.find_elements(By.CSS_SELECTOR, "#benchmark-list .pair")[card]
    marks = chosen.find_elements(By.CSS_SELECTOR, ".side")[side].find_elements(By.TAG_NAME, "mark")
    return [mark.text.strip() for mark in marks]


def test_pairs_are_chosen_by_benchmark_and_method_and_ordered_by_score(driver: webdriver.Chrome, page: Path) -> None:
    open_page(driver, page, "benchmarks")
    assert driver.find_element(By.ID, "found-pairs").text == "33 pairs, 2 of them removed"
    _choose(driver, "farm", "")
    both = ["ngram_8 0.80", "embedding cosine 0.9876, distance 0.1575", "kept"]
    assert _cards(driver) == [["ngram_8 1.00", "removed"], both]
    _choose(driver, "farm", "embedding")
    assert _cards(driver) == [both]
    assert driver.find_element(By.ID, "found-pairs").text == "1 pair, 0 of them removed"
    _choose(driver, "farm", "exact")
    assert _cards(driver) == []
    assert "found no item" in driver.find_element(By.ID, "benchmark-list").text
    _choose(driver, "wings", "ngram_8")
    assert [card[0] for card in _cards(driver)] == [f"ngram_8 {number / 100:.2f}" for number in range(29, 9, -1)]
    driver.find_element(By.ID, "score-lowest").click()
    driver.find_element(By.CSS_SELECTOR, "#benchmark-list .more").click()
    assert [card[0] for card in _cards(driver)] == [f"ngram_8 {number / 100:.2f}" for number in range(30)]


def test_the_words_that_differ_are_marked_on_both_sides(driver: webdriver.Chrome, page: Path) -> None:
    open_page(driver, page, "benchmarks")
    _choose(driver, "farm", "embedding")
    assert (_marked(driver, 0, 0), _marked(driver, 0, 1)) == (["two"], ["five"])
    item, prompt = (side.text.split("\n") for side in driver.find_elements(By.CSS_SELECTOR, "#benchmark-list .ids"))
    assert item == ["farm", "item 7"]
    assert prompt == ["#0", "0_acme/riddles", "acme/riddles"]


def test_an_item_behind_a_long_passage_is_not_marked(driver: webdriver.Chrome, page: Path) -> None:
    open_page(driver, page, "benchmarks")
    _choose(driver, "farm", "ngram_8")
    assert _marked(driver, 0, 0) == []
    *_, passage = _marked(driver, 0, 1)
    assert passage.endswith("Question:")


def test_hostile_texts_and_names_stay_texts(driver: webdriver.Chrome, page: Path) -> None:
    open_page(driver, page, "benchmarks")
    _choose(driver, HOSTILE, "exact")
    sides = driver.find_elements(By.CSS_SELECTOR, "#benchmark-list .text")
    assert sides[0].text == HOSTILE
    assert sides[1].text == f"{HOSTILE} U+202Ehow manyU+202C </script>"
    assert driver.find_element(By.CSS_SELECTOR, "#benchmark-list .ids bdi").text == HOSTILE
    assert driver.execute_script("return window.hacked ?? document.querySelectorAll('img').length") == 0


def test_the_keyboard_reaches_the_tab_and_its_pairs(driver: webdriver.Chrome, page: Path) -> None:
    open_page(driver, page, "pairs")
    tab = driver.find_element(By.ID, "tab-pairs")
    tab.send_keys(Keys.ARROW_LEFT)
    assert driver.find_element(By.ID, "view-benchmarks").is_displayed()
    driver.switch_to.active_element.send_keys("jj")
    cards = driver.find_elements(By.CSS_SELECTOR, "#benchmark-list .pair")
    assert cards.index(driver.switch_to.active_element) == 1


def test_a_page_without_benchmark_items_has_no_such_tab(driver: webdriver.Chrome, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_review(open_warehouse([("A cluster", "A cluster.")]), path, TYPE, 0.2)
    driver.get_log("browser")
    open_page(driver, path, "benchmarks")
    assert not driver.find_element(By.ID, "tab-benchmarks").is_displayed()
    assert driver.find_element(By.ID, "view-pairs").is_displayed()
    driver.find_element(By.ID, "tab-pairs").send_keys(Keys.ARROW_LEFT)
    assert driver.find_element(By.ID, "view-clusters").is_displayed()
    assert driver.get_log("browser") == []
