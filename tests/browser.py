"""A headless Chromium for the tests and the benchmark of the review page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.support.wait import WebDriverWait

REQUIRED = "REQUIRE_BROWSER"
_PATIENCE_SECONDS = 60


def has_browser() -> bool:
    """Return whether Chromium and its driver are installed."""
    return all(shutil.which(name) for name in ("chromium", "chromedriver"))


def need_browser() -> None:
    """Skip the test where no Chromium is installed; fail where one is required."""
    if has_browser():
        return
    missing = "chromium and chromedriver are not installed"
    if os.environ.get(REQUIRED):
        pytest.fail(f"{missing}, and {REQUIRED} is set")
    pytest.skip(missing)


@contextmanager
def browser(downloads: Path | None = None, *, dark: bool = False) -> Iterator[webdriver.Chrome]:
    """Open a headless Chromium with logs of its console and its network."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,800"):
        options.add_argument(flag)
    if dark:
        options.add_argument("--blink-settings=preferredColorScheme=0")
    if downloads is not None:
        options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


def open_page(driver: webdriver.Chrome, path: Path, view: str = "") -> None:
    """Open a review page, and wait until all of its texts can be searched."""
    driver.get("about:blank")
    driver.get(f"{path.as_uri()}#{view}")
    wait_for(driver, "document.body?.dataset.searchable")


def wait_for(driver: webdriver.Chrome, condition: str) -> Any:
    """Wait until a JavaScript expression is true; return its value."""
    wait = WebDriverWait(driver, _PATIENCE_SECONDS, poll_frequency=0.02)
    return wait.until(lambda d: d.execute_script(f"return {condition}"))
