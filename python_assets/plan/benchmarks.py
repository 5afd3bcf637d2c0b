"""What a run would fetch of the benchmarks whose items are kept out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from python_assets.contamination.benchmarks import Benchmark
from python_assets.sources.found import Source
from python_assets.sources.loads import Missing, look
from python_assets.sources.record import REFUSED
from python_assets.sources.selection import Selection


@dataclass(frozen=True)
class BenchmarkPlan:
    """What a run would fetch of a benchmark.

    Attributes
    ----------
    name : str
    n_bytes_to_fetch : int
    problem : str or None
        Why its items cannot be had, at which the run would fail.
    """

    name: str
    n_bytes_to_fetch: int = 0
    problem: str | None = None


def plan_benchmarks(benchmarks: Sequence[Benchmark], source: Source) -> list[BenchmarkPlan]:
    """Say what a run would fetch of each benchmark; the Hub is asked for lists of files only.

    Parameters
    ----------
    benchmarks : sequence of Benchmark
    source : Source
        Where those that are known by name come from.
    """
    return [_plan(benchmark, source) for benchmark in benchmarks]


def _plan(benchmark: Benchmark, source: Source) -> BenchmarkPlan:
    if benchmark.path is not None:
        return BenchmarkPlan(benchmark.name)
    answer = look(benchmark.dataset, source, Selection(eval_splits=True))
    if isinstance(answer, Missing):
        problem = (answer.error or "").removeprefix(f"{benchmark.dataset.dataset}: ")
        return BenchmarkPlan(benchmark.name, problem=problem if answer.status == REFUSED else f"it is not in {source}")
    return BenchmarkPlan(benchmark.name, answer.n_bytes_to_fetch)
