"""The settings that keep the items of benchmarks out."""

from enum import Enum
from typing import Any

import dagster as dg
from pydantic import Field

from python_assets.contamination.benchmarks import KNOWN, Benchmark, parse_benchmarks
from python_assets.contamination.lexical import EXACT, ngram_method
from python_assets.contamination.table import EMBEDDING
from python_assets.errors import SettingsError

METHODS = (EXACT, ngram_method(8), ngram_method(13), EMBEDDING)


class Contamination(Enum):
    """What becomes of a row whose prompt repeats an item of a benchmark."""

    remove = "remove"
    flag = "flag"
    ignore = "ignore"


class ContaminationSettings(dg.ConfigurableResource):
    """Benchmarks whose items no training row may repeat, and when a prompt counts as repeating one."""

    benchmarks: list[str] = Field(
        default=[],
        description="Benchmarks to keep out: " + ", ".join(KNOWN) + ", or files ([name=]path[::column]; JSONL, JSON, "
        "CSV or Parquet). Empty: none.",
    )
    contamination: Contamination = Field(
        default=Contamination.remove,
        description="remove: such rows are not kept. flag: they are kept and named in contaminated_by. ignore: nobody "
        "looks for them.",
    )
    contamination_methods: list[str] = Field(
        default=[EXACT, ngram_method(8), ngram_method(13)],
        description="The methods whose findings are removed; what others find is flagged only, as a vector tells a "
        "question from the same one with another number or a negation badly. " + ", ".join(METHODS) + ".",
    )
    ngram_8_share: float | None = Field(
        default=1.0,
        description="A prompt repeats an item when this share of the item's words stands in 8-grams of the prompt. "
        "Empty: 8-grams are not compared.",
    )
    ngram_13_share: float | None = Field(
        default=0.95, description="The same with 13-grams. Empty: 13-grams are not compared."
    )
    benchmark_distance: float | None = Field(
        default=None,
        description="A prompt repeats an item when their vectors are within this Euclidean distance. 0: vectors are "
        "not compared. Empty: eps_max.",
    )

    def parsed_benchmarks(self) -> list[Benchmark]:
        """Return the benchmarks to look for, none where they are ignored.

        Raises
        ------
        SettingsError
            One is not known or not there, or a threshold is out of its range.
        """
        for name, share in self.named_shares().items():
            if share is not None and not 0 < share <= 1:
                raise SettingsError(f"{name} is {share}; it must be above 0 and at most 1, or empty")
        if self.benchmark_distance is not None and not 0 <= self.benchmark_distance <= 2:
            raise SettingsError(
                f"benchmark_distance is {self.benchmark_distance}; it must be between 0 and 2, or empty"
            )
        if unknown := set(self.contamination_methods) - set(METHODS):
            raise SettingsError(
                f"contamination_methods names {', '.join(sorted(unknown))}; it can name {', '.join(METHODS)}"
            )
        return parse_benchmarks(self.benchmarks) if self.contamination is not Contamination.ignore else []

    def contamination_vars(self) -> dict[str, Any]:
        """Return what SQL needs to know of it."""
        return {"contamination": self.contamination.value, "contamination_methods": self.contamination_methods}

    def deciding_contamination(self) -> dict[str, Any]:
        """Return what decides which rows repeat an item; the thresholds only where there are benchmarks."""
        benchmarks = {benchmark.name: benchmark.origin() for benchmark in self.parsed_benchmarks()}
        thresholds = {**self.named_shares(), "benchmark_distance": self.benchmark_distance} if benchmarks else None
        return {"benchmarks": benchmarks, "benchmark_thresholds": thresholds}

    def named_shares(self) -> dict[str, float | None]:
        """Return the thresholds of the n-grams by the names of their settings."""
        return {"ngram_8_share": self.ngram_8_share, "ngram_13_share": self.ngram_13_share}

    def ngram_shares(self) -> dict[int, float]:
        """Return the thresholds in use by the words of an n-gram."""
        return {n: share for n, share in ((8, self.ngram_8_share), (13, self.ngram_13_share)) if share is not None}
