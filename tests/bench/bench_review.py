"""
Measure the review page at its largest: 500 clusters of 1,000 members.

    python tests/bench/bench_review.py

The texts are generated, about 600 characters each. In the first page the members of a cluster differ in a few
words; in the second every text is of other words, which is the worst case for size. Both are written from a
warehouse file in a process of its own, whose memory is measured, and opened in headless Chromium where there is one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from selenium import webdriver

REPO_DIR = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO_DIR))

from python_assets.exports.review.write import write_review  # noqa: E402
from python_assets.warehouse import connect  # noqa: E402
from tests.bench.bench_clustering import peak_gib  # noqa: E402
from tests.browser import browser, has_browser, open_page  # noqa: E402
from tests.review_cases import TYPE, open_warehouse  # noqa: E402

WORDS_PER_TEXT = 100
N_WORDS = 20_000
SEARCHES = ("w00017", "no such words anywhere", "e", "000_acme/songs", "zq")


def generated_clusters(n_clusters: int, n_members: int, *, alike: bool) -> Iterator[list[str]]:
    """Yield clusters of texts of 100 words; alike: each member has three words of its own."""
    rng = np.random.default_rng(0)
    words = np.array([f"{chr(97 + n % 26)}{n:05d}"[: 3 + n % 6] for n in range(N_WORDS)], dtype=object)
    for _ in range(n_clusters):
        base = rng.integers(0, N_WORDS, WORDS_PER_TEXT)
        texts = []
        for _ in range(n_members):
            own = base.copy() if alike else rng.integers(0, N_WORDS, WORDS_PER_TEXT)
            own[rng.integers(0, WORDS_PER_TEXT, 3)] = rng.integers(0, N_WORDS, 3)
            texts.append(" ".join(words[own]))
        yield texts


def make_page(directory: Path, n_clusters: int, n_members: int, *, alike: bool) -> Path:
    """Make a warehouse and write its page in another process; tell how long and how much memory that took."""
    database = directory / "warehouse.duckdb"
    database.unlink(missing_ok=True)
    open_warehouse(generated_clusters(n_clusters, n_members, alike=alike), database=str(database)).close()
    page = directory / f"{'alike' if alike else 'unlike'}.html"
    subprocess.run([sys.executable, __file__, "--write", str(database), str(page)], check=True)
    return page


def measure_page(driver: webdriver.Chrome, page: Path) -> dict[str, float]:
    """Return the seconds until the page can be read and searched, of the slowest search and of opening a cluster."""
    open_page(driver, page, "clusters")
    opened, searchable = driver.execute_script(
        "return ['ready', 'searchable'].map((name) => performance.getEntriesByName(name)[0].startTime / 1000)"
    )
    search = """
        const field = document.getElementById("search");
        const start = performance.now();
        field.value = arguments[0];
        field.dispatchEvent(new Event("input"));
        document.body.offsetHeight;
        return (performance.now() - start) / 1000;
    """
    searched = max(driver.execute_script(search, words) for words in SEARCHES)
    driver.execute_script(search, "")
    open_cluster = """
        const done = arguments[0];
        const start = performance.now();
        const row = document.querySelector(".cluster");
        const shown = new MutationObserver(() => row.querySelector(".members .member")
            && requestAnimationFrame(() => done((performance.now() - start) / 1000)));
        shown.observe(row, { childList: true, subtree: true });
        row.querySelector(".summary").click();
    """
    return {
        "opened": opened,
        "searchable": searchable,
        "search": searched,
        "cluster": driver.execute_async_script(open_cluster),
    }


def _write(database: Path, page: Path) -> None:
    start = time.perf_counter()
    with connect(database, read_only=True) as connection:
        write_review(connection, page, TYPE, 0.2)
    seconds = time.perf_counter() - start
    print(f"written in {seconds:.1f} s, {peak_gib():.2f} GiB at most, {page.stat().st_size / 1e6:.1f} MB", flush=True)


def main() -> None:
    """Write and open both pages."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="100 clusters of 200 members")
    parser.add_argument("--write", nargs=2, type=Path, metavar=("DATABASE", "PAGE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        _write(*arguments.write)
        return
    size = (100, 200) if arguments.quick else (500, 1_000)
    with tempfile.TemporaryDirectory() as directory:
        for alike in (True, False):
            print(f"\n{size[0]} clusters of {size[1]} members, {'near-duplicates' if alike else 'all different'}")
            page = make_page(Path(directory), *size, alike=alike)
            if not has_browser():
                print("not opened: chromium and chromedriver are not installed")
                continue
            with browser() as driver:
                for name, seconds in measure_page(driver, page).items():
                    print(f"{name:<12}{seconds:8.3f} s")


if __name__ == "__main__":
    main()
