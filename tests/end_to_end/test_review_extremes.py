"""The review page when there is nothing to judge, and at its largest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By

from python_assets.exports.review.write import write_review
from tests.bench.bench_review import make_page, measure_page
from tests.browser import browser, need_browser, open_page
from tests.review_cases import TYPE, open_warehouse


def test_a_page_without_clusters_says_so(tmp_path: Path) -> None:
    connection = open_warehouse([])
    connection.execute(
        """
        UPDATE marts.dedup_summary SET eps = NULL, min_samples = NULL, metric = NULL, model = NULL;
        DELETE FROM marts.eps_sweep; DELETE FROM marts.duplicate_pairs; DELETE FROM ml.sft_forest_points
        """
    )
    path = tmp_path / "empty.html"
    write_review(connection, path, TYPE, 0.2)
    need_browser()
    with browser() as driver:
        for view, words in (("pairs", "no pair to judge"), ("sweep", "no curve"), ("clusters", "no cluster to show")):
            open_page(driver, path, view)
            assert words in driver.find_element(By.ID, f"view-{view}").text
        assert driver.get_log("browser") == []


@pytest.mark.slow
def test_the_largest_page_opens_and_answers_at_once(tmp_path: Path) -> None:
    need_browser()
    page = make_page(tmp_path, 500, 1_000, alike=True)
    assert page.stat().st_size < 60_000_000
    with browser() as driver:
        measured: dict[str, Any] = measure_page(driver, page)
    assert measured["opened"] < 9
    assert measured["search"] < 0.6
    assert measured["cluster"] < 3
