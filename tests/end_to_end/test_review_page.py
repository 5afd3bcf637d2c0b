"""The review page in a browser, as the person who judges eps uses it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from python_assets.exports.review.write import write_review
from tests.browser import browser, need_browser, open_page, wait_for
from tests.review_cases import TYPE, open_warehouse

HOSTILE = ("<script>window.hacked=1</script>", "<img src=x onerror=window.hacked=1>", "</script>\u202eback\u202c\x07")
ENGLISH = ("Write a poem about cats", "Write two poems about cats", "Write a poem about cats")
NUMBERS = " ".join(map(str, range(1000)))
CUT = tuple(f"Count {middle} {NUMBERS}" for middle in ("up", "down", "very slowly and without a pause"))
CHINESE = ("请解释光合作用", "请说明光合作用")
PAIRS = [
    ("Name three birds", "Name four birds", 0.19),
    (HOSTILE[0], HOSTILE[1], 0.15),
    ("A long walk", "A short walk", 0.21),
]
AWKWARD = ('acme/"songs", old', "acme/riddles")

Find = Callable[[str], list[WebElement]]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with hostile, English and Chinese clusters and a large one."""
    many = [f"Count the apples in basket number {number}" for number in range(120)]
    connection = open_warehouse([many, HOSTILE, ENGLISH, CHINESE, CUT], PAIRS, datasets=AWKWARD)
    path = tmp_path_factory.mktemp("review") / "cluster_review.html"
    write_review(connection, path, TYPE, 0.2)
    return path


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def driver(downloads: Path) -> Iterator[webdriver.Chrome]:
    need_browser()
    with browser(downloads) as opened:
        yield opened


@pytest.fixture
def clusters(driver: webdriver.Chrome, page: Path) -> Find:
    """Open the page at its clusters; find elements by selector."""
    open_page(driver, page, "clusters")
    return lambda selector: driver.find_elements(By.CSS_SELECTOR, selector)


@pytest.fixture
def pairs(driver: webdriver.Chrome, page: Path) -> Find:
    """Open the page at its pairs, none of them marked; find elements by selector."""
    open_page(driver, page, "pairs")
    driver.execute_script("localStorage.clear()")
    open_page(driver, page, "pairs")
    return lambda selector: driver.find_elements(By.CSS_SELECTOR, selector)


def _texts(elements: Sequence[WebElement]) -> list[str]:
    return [element.text for element in elements]


def _ranks(find: Find) -> list[int]:
    return [int(cell.text) for cell in find(".summary > :first-child")]


def _open_cluster(find: Find, driver: webdriver.Chrome, rank: int) -> WebElement:
    row = next(row for row in find(".cluster") if row.find_element(By.CSS_SELECTOR, ".number").text == str(rank))
    row.find_element(By.CSS_SELECTOR, ".summary").click()
    wait_for(driver, "document.querySelector('.members .member')")
    return row


def _marked(element: WebElement, tag: str) -> list[str]:
    return [found.text.strip() for found in element.find_elements(By.TAG_NAME, tag)]


def test_the_page_opens_without_an_error_or_a_request(driver: webdriver.Chrome, page: Path) -> None:
    driver.get_log("browser")
    driver.get_log("performance")
    open_page(driver, page)
    assert driver.title == "sft at eps 0.2: cluster review"
    assert driver.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    requested = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert {address.split("#")[0] for address in requested} - {"about:blank"} == {page.as_uri()}


def test_the_counts_of_the_head_add_up(driver: webdriver.Chrome, pairs: Find) -> None:
    assert driver.find_element(By.ID, "totals").text == (
        "1,000 raw rows − 10 quarantined − 20 exact duplicates − 30 semantic duplicates − 7 filtered = 933 kept, "
        "5 of them not comparable"
    )


def test_a_request_from_the_page_is_refused(driver: webdriver.Chrome, page: Path) -> None:
    open_page(driver, page)
    refused = driver.execute_async_script(
        """
        const done = arguments[0];
        addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
        new Image().src = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
        """
    )
    assert refused == "img-src"


def test_hostile_texts_stay_texts(clusters: Find, driver: webdriver.Chrome) -> None:
    row = _open_cluster(clusters, driver, 2)
    members = row.find_elements(By.CSS_SELECTOR, ".member .text")
    assert members[0].text == HOSTILE[0]
    shown = driver.execute_script(
        "return [...arguments[0].querySelectorAll('ins')].map((e) => e.textContent).join('')", members[2]
    )
    assert "U+202E" in shown
    assert "U+0007" in shown
    assert "\u202e" not in row.text
    assert driver.execute_script("return window.hacked") is None
    assert clusters("img, main script") == []


def test_words_that_differ_from_the_survivor_are_marked(clusters: Find, driver: webdriver.Chrome) -> None:
    row = _open_cluster(clusters, driver, 3)
    survivor, other, same = row.find_elements(By.CSS_SELECTOR, ".member")
    assert survivor.find_element(By.CSS_SELECTOR, ".text").text == ENGLISH[0]
    assert (_marked(other, "del"), _marked(other, "ins")) == (["a poem"], ["two poems"])
    assert (_marked(same, "del"), _marked(same, "ins")) == ([], [])
    assert "does not differ" in same.text
    first = 120 + len(HOSTILE)
    details = other.find_element(By.CSS_SELECTOR, ".ids").text.split("\n")
    assert details == ["merged", "0.2000", f"#{first + 1}", f"{first + 1}_{AWKWARD[0]}", AWKWARD[0]]


def test_chinese_is_marked_by_character(clusters: Find, driver: webdriver.Chrome) -> None:
    other = _open_cluster(clusters, driver, 4).find_elements(By.CSS_SELECTOR, ".member")[1]
    assert (_marked(other, "del"), _marked(other, "ins")) == (["解释"], ["说明"])


def test_a_cut_text_says_how_long_it_is_and_its_end_is_no_difference(clusters: Find, driver: webdriver.Chrome) -> None:
    _, other, longer = _open_cluster(clusters, driver, 5).find_elements(By.CSS_SELECTOR, ".member")
    assert f"Cut: the first 2,000 of {len(CUT[1]):,} characters." in other.text
    assert (_marked(other, "del"), _marked(other, "ins")) == (["up"], ["down"])
    assert (_marked(longer, "del"), _marked(longer, "ins")) == (["up"], ["very slowly and without a pause"])


def test_members_come_in_portions(clusters: Find, driver: webdriver.Chrome) -> None:
    row = _open_cluster(clusters, driver, 1)
    counts = []
    while more := row.find_elements(By.CSS_SELECTOR, ".more"):
        counts.append(len(row.find_elements(By.CSS_SELECTOR, ".member")))
        more[0].click()
    assert counts == [51, 101]
    assert len(row.find_elements(By.CSS_SELECTOR, ".member")) == 120
    distances = [float(cell.text) for cell in row.find_elements(By.CSS_SELECTOR, ".members .distance")]
    assert distances == sorted(distances, reverse=True)


def test_clusters_are_searched_by_text_and_id(clusters: Find, driver: webdriver.Chrome) -> None:
    field = clusters("#search")[0]
    for words, ranks in (
        ("TWO POEMS", [3]),
        ("光合", [4]),
        ("window.hacked", [2]),
        ("119_acme/riddles", [1]),
        ("nowhere", []),
    ):
        field.clear()
        field.send_keys(words)
        assert _ranks(clusters) == ranks, words
    assert "No cluster holds" in clusters("#cluster-list")[0].text
    field.clear()
    field.send_keys("number 77")
    row = _open_cluster(clusters, driver, 1)
    assert "#77" in row.find_element(By.CSS_SELECTOR, ".members .member .ids").text.split()


def test_clusters_are_put_in_order(clusters: Find) -> None:
    assert _ranks(clusters) == [1, 2, 3, 4, 5]
    rank, members, widest = clusters("#columns button")
    members.click()
    assert _ranks(clusters) == [1, 2, 3, 5, 4]
    members.click()
    assert _ranks(clusters) == [4, 2, 3, 5, 1]
    widest.click()
    assert widest.get_attribute("data-order") == "down"
    rank.click()
    rank.click()
    assert _ranks(clusters) == [5, 4, 3, 2, 1]


def test_pairs_are_marked_kept_and_downloaded(
    pairs: Find, driver: webdriver.Chrome, page: Path, downloads: Path
) -> None:
    assert [text.split()[1] for text in _texts(pairs(".pair header"))] == ["0.1900", "0.1500"]
    assert _marked(pairs(".pair")[0], "mark") == ["three", "four"]
    pairs(".pair .same")[0].click()
    pairs(".pair .different")[1].click()
    pairs("#side-outside")[0].click()
    assert [text.split()[1] for text in _texts(pairs(".pair header"))] == ["0.2100"]
    pairs(".pair .same")[0].click()
    pairs(".pair .same")[0].click()
    open_page(driver, page, "pairs")
    assert pairs("#tally")[0].text == "Marked inside: 1 same, 1 different"
    pairs("#download")[0].click()
    target = downloads / "marked_pairs_sft_eps0.2.csv"
    WebDriverWait(driver, 10, poll_frequency=0.05).until(lambda _: target.exists())
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    first = 120 + 3 + 3 + 2 + 3
    ids = [f"{first + n}_{AWKWARD[(first + n) % 2]}" for n in range(4)]
    assert rows == [
        ["type", "source_prompt_id", "other_source_prompt_id", "label"],
        ["sft", ids[0], ids[1], "same"],
        ["sft", "120_" + AWKWARD[0], "121_" + AWKWARD[1], "different"],
    ]


def test_marks_work_where_the_browser_keeps_nothing(pairs: Find, driver: webdriver.Chrome) -> None:
    driver.execute_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    pairs(".pair .same")[0].click()
    assert pairs("#tally")[0].text == "Marked inside: 1 same, 0 different"


def test_the_keyboard_is_enough(pairs: Find, driver: webdriver.Chrome) -> None:
    def press(keys: str) -> None:
        driver.switch_to.active_element.send_keys(keys)

    press("j")
    press("j")
    press("s")
    assert [card.get_attribute("data-mark") for card in pairs(".pair")] == ["", "same"]
    press("k")
    press("d")
    assert [card.get_attribute("data-mark") for card in pairs(".pair")] == ["different", "same"]
    press("/")
    assert driver.switch_to.active_element.get_attribute("id") == "search"
    press("poems")
    press(Keys.ESCAPE)
    press("j")
    press(Keys.ENTER)
    wait_for(driver, "document.querySelector('.members .member')")
    assert _ranks(pairs) == [3]


def test_the_curve_tells_its_values(driver: webdriver.Chrome, page: Path) -> None:
    open_page(driver, page, "sweep")
    readout = driver.find_element(By.CSS_SELECTOR, ".readout")
    assert readout.text.startswith("eps 0.2000 (cosine 0.9800): 1,600 of 9,000 texts removed (17.8%)")
    picture = driver.find_element(By.CSS_SELECTOR, "#chart svg")
    picture.send_keys(Keys.ARROW_RIGHT)
    assert readout.text.startswith("eps 0.2050")
    webdriver.ActionChains(driver).move_to_element(picture).perform()
    pointed = float(readout.text.split()[1])
    assert pointed != 0.205
    assert f"{round((pointed / 0.005) ** 2):,} of 9,000" in readout.text
