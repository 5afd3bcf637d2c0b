"""
Measure how long it takes to look for the items of benchmarks in prompts.

    python tests/bench/bench_contamination.py

By words: 20,000 items and 1,000,000 prompts of 20 to 140 words, one in a thousand with an item inside; beside it a
loop over the same words in Python with sets of n-grams, on the first hundredth of the prompts. By vectors: clustered
unit vectors, of which some are the items; beside it the forest that takes as many new vectors up.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from python_assets.clustering.build import build_forest, extend_forest
from python_assets.clustering.cross import cross_pairs
from python_assets.contamination.lexical import LexicalIndex
from tests.bench.bench_clustering import peak_gib

N, SHARE = 13, 0.5
SLICE_ROWS = 100_000
PYTHON_SHARE = 100
RADIUS = 0.35
DIMENSION = 384


@dataclass(frozen=True)
class Timed:
    """Seconds for the items and for the prompts, and the pairs of prompt and item that share enough 13-grams."""

    indexed: float
    searched: float
    found: set[tuple[int, int]]


def make_texts(n_items: int, n_prompts: int) -> tuple[list[str], list[str]]:
    """Return items and prompts of words whose frequencies are those of a natural text."""
    rng = np.random.default_rng(0)
    vocabulary = np.array([f"{first}{second}" for first in "bdfgklmnprstvz" for second in range(3_000)])
    items = _texts(rng, vocabulary, n_items)
    prompts = _texts(rng, vocabulary, n_prompts)
    for place in range(0, n_prompts, 1_000):
        prompts[place] = f"{prompts[place]} {items[place % n_items]}"
    return items, prompts


def _texts(rng: np.random.Generator, vocabulary: npt.NDArray[np.str_], n: int) -> list[str]:
    lengths = rng.integers(20, 141, n)
    drawn = np.minimum(rng.zipf(1.2, lengths.sum()) - 1, len(vocabulary) - 1)
    cut = np.split(vocabulary[drawn], np.cumsum(lengths)[:-1])
    return [" ".join(part) for part in cut]


def by_index(items: list[str], prompts: list[str]) -> Timed:
    """Index the items, then look the prompts up."""
    start = time.perf_counter()
    index = LexicalIndex(items, {N: SHARE})
    indexed = time.perf_counter()
    found: set[tuple[int, int]] = set()
    for first in range(0, len(prompts), SLICE_ROWS):
        part = pa.array(prompts[first : first + SLICE_ROWS], pa.large_string())
        for repeats in index.find(part):
            found |= set(zip((repeats.prompt + first).tolist(), repeats.item.tolist(), strict=True))
    return Timed(indexed - start, time.perf_counter() - indexed, found)


def by_loop(items: list[str], prompts: list[str]) -> Timed:
    """The same in Python: n-grams in a dict, the words of an item in a set."""
    start = time.perf_counter()
    holders = defaultdict(list)
    sizes = []
    for number, item in enumerate(items):
        words = re.findall(r"\w+", item.lower())
        sizes.append(len(words))
        for place in range(len(words) - N + 1):
            holders[tuple(words[place : place + N])].append((number, place))
    indexed = time.perf_counter()
    found = set()
    for number, prompt in enumerate(prompts):
        words = re.findall(r"\w+", prompt.lower())
        covered = defaultdict(set)
        for place in range(len(words) - N + 1):
            for item, at in holders.get(tuple(words[place : place + N]), ()):
                covered[item].update(range(at, at + N))
        found |= {(number, item) for item, words_of in covered.items() if len(words_of) >= SHARE * sizes[item]}
    return Timed(indexed - start, time.perf_counter() - indexed, found)


def compare_words(n_items: int, n_prompts: int) -> None:
    """Print both ways with words."""
    items, prompts = make_texts(n_items, n_prompts)
    some = prompts[: max(n_prompts // PYTHON_SHARE, 1)]
    by_index(items[:10], prompts[:10])
    here, here_some, loop = by_index(items, prompts), by_index(items, some), by_loop(items, some)
    if here_some.found != loop.found:
        raise SystemExit(f"the two ways differ: {len(here_some.found)} and {len(loop.found)} pairs")
    ratio = (loop.searched / len(some)) / (here.searched / n_prompts)
    print(f"\n{n_items:,} items, {n_prompts:,} prompts, {sum(map(len, prompts)) / 1e6:,.0f} MB, {N}-grams")
    print(f"  here            items {here.indexed:6.1f} s, prompts {here.searched:6.1f} s, {len(here.found):,} pairs")
    print(
        f"  loop in Python  items {loop.indexed:6.1f} s, {len(some):,} prompts {loop.searched:6.1f} s, the same pairs"
    )
    print(f"  a prompt takes the loop {ratio:.0f} times as long; peak memory {peak_gib():.1f} GiB")


def compare_vectors(n_texts: int, n_items: int) -> None:
    """Print the search beside a forest that grows by as many vectors."""
    rng = np.random.default_rng(1)
    n = n_texts + n_items
    centres = rng.standard_normal((n // 5, DIMENSION)).astype(np.float32)
    spread = rng.uniform(0.05, 1.0, (n, 1)).astype(np.float32)
    X = centres[rng.integers(0, len(centres), n)] + spread * rng.standard_normal((n, DIMENSION), dtype=np.float32)
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    forest = build_forest(X[:n_texts], RADIUS)
    start = time.perf_counter()
    extend_forest(forest, X, np.arange(n) >= n_texts)
    extended = time.perf_counter() - start
    start = time.perf_counter()
    n_pairs = sum(len(pairs) for pairs in cross_pairs(X, n_texts, RADIUS, arrangement=forest.arrangement))
    searched = time.perf_counter() - start
    print(f"\n{n_items:,} items among {n_texts:,} vectors of {DIMENSION} numbers, radius {RADIUS}")
    print(f"  search                    {searched:8.1f} s, {n_pairs:,} pairs")
    print(f"  forest of as many more    {extended:8.1f} s, {extended / searched:.1f} times as long")


def main() -> None:
    """Print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the texts and vectors")
    divisor = 20 if parser.parse_args().quick else 1
    compare_words(20_000 // divisor, 1_000_000 // divisor)
    compare_vectors(200_000 // divisor, 20_000 // divisor)


if __name__ == "__main__":
    main()
