"""The settings that keep the items of benchmarks out."""

from enum import Enum

import dagster as dg
from pydantic import Field

from python_assets.contamination.benchmarks import KNOWN, Benchmark, parse_benchmarks
from python_assets.errors import SettingsError


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
    ngram_8_share: float | None = Field(
        default=0.8,
        description="A prompt repeats an item when this share of the item's words stands in 8-grams of the prompt. "
        "Empty: 8-grams are not compared.",
    )
    ngram_13_share: float | None = Field(
        default=0.6, description="The same with 13-grams. Empty: 13-grams are not compared."
    )
    benchmark_distance: float | None = Field(
        default=None,
        description="A prompt repeats an item when their vectors are within this Euclidean distance. 0: vectors are "
        "not compared. Empty: the default of the model's eps.",
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
        return parse_benchmarks(self.benchmarks) if self.contamination is not Contamination.ignore else []

    def named_shares(self) -> dict[str, float | None]:
        """Return the thresholds of the n-grams by the names of their settings."""
        return {"ngram_8_share": self.ngram_8_share, "ngram_13_share": self.ngram_13_share}

    def ngram_shares(self) -> dict[int, float]:
        """Return the thresholds in use by the words of an n-gram."""
        return {n: share for n, share in ((8, self.ngram_8_share), (13, self.ngram_13_share)) if share is not None}
