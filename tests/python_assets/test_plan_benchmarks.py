"""A plan says what a run would fetch of benchmarks, and which of them it cannot have."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from python_assets.contamination.benchmarks import KNOWN, parse_benchmarks
from python_assets.contamination.items import read_items
from python_assets.plan.benchmarks import BenchmarkPlan, plan_benchmarks
from python_assets.sources.local import LocalSource
from tests.hub_server import HubServer, Repo
from tests.python_assets.hub_cases import hub_source

AIME = KNOWN["aime24"]


def test_bytes_are_to_be_fetched_until_they_are_here(server: HubServer, tmp_path: Path) -> None:
    rows = b'{"problem": "What is 2 + 3?"}\n'
    mine = tmp_path / "mine.jsonl"
    mine.write_bytes(rows)
    server.repos[AIME.dataset.repo] = Repo({"test-00000-of-00001.parquet": _parquet(tmp_path)}, "b" * 40)
    source = hub_source(server, tmp_path / "raw")
    benchmarks = parse_benchmarks(["aime24", str(mine)])
    n_bytes = len(_parquet(tmp_path))
    assert plan_benchmarks(benchmarks, source) == [BenchmarkPlan("aime24", n_bytes), BenchmarkPlan("mine")]
    assert not server.asked("/resolve/")
    read_items(benchmarks, source)
    assert plan_benchmarks(benchmarks, source) == [BenchmarkPlan("aime24"), BenchmarkPlan("mine")]


def test_a_benchmark_that_cannot_be_had_says_why(server: HubServer, tmp_path: Path) -> None:
    (refused,) = plan_benchmarks([AIME], hub_source(server, tmp_path / "raw"))
    assert "there is no dataset math-ai/aime24" in str(refused.problem)
    (absent,) = plan_benchmarks([AIME], LocalSource(tmp_path))
    assert absent.problem == f"it is not in {LocalSource(tmp_path)}"


def _parquet(directory: Path) -> bytes:
    path = directory / "items.parquet"
    if not path.exists():
        pq.write_table(pa.table({"problem": ["What is 2 + 3?", "Which prime numbers are even?"]}), path)
    return path.read_bytes()
