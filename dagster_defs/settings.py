"""The settings of a run."""

import hashlib
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import Field

from dagster_defs.contamination_settings import ContaminationSettings
from dagster_defs.filter_settings import FilterSettings
from dagster_defs.model_settings import ModelSettings
from dagster_defs.output_settings import OutputSettings
from python_assets.clustering.dbscan import METRICS, euclidean_eps
from python_assets.clustering.saved import ForestSettings
from python_assets.embeddings.identity import default_eps
from python_assets.errors import SettingsError
from python_assets.sources.selection import Selection


class SourceName(Enum):
    """Where datasets come from."""

    local = "local"
    hub = "hub"


class Text(Enum):
    """What is compared."""

    prompt = "prompt"
    prompt_solution = "prompt_solution"


Metric = Enum("Metric", {name: name for name in METRICS})


class SurvivorPolicy(Enum):
    """Which row of a group stays."""

    lowest_id = "lowest_id"
    longest_answer = "longest_answer"
    decided_first = "decided_first"
    source_priority = "source_priority"


class Settings(OutputSettings, ContaminationSettings, FilterSettings, ModelSettings):
    """The settings of a run, in one place for all of its steps."""

    source: SourceName = Field(
        default=SourceName.local,
        description="local: only what lies in RAW_DIR. hub: download what is missing of the registry's "
        "revisions from the Hugging Face Hub (HF_ENDPOINT, HF_TOKEN) into RAW_DIR.",
    )
    include: list[str] = Field(default=[], description="Load only datasets named so, such as nvidia/*. Empty: all.")
    exclude: list[str] = Field(default=[], description="Do not load datasets named so.")
    max_rows: int | None = Field(
        default=None,
        description="For a first try: load only so many rows of each dataset, the first of its files. "
        "Such a dataset has the status 'loaded in part'. Downloads are not shortened. Empty: all rows.",
    )
    eps: float | None = Field(
        default=None,
        description="Largest distance at which two texts are near-duplicates, in the units of the "
        "metric. Empty: the default of the model. On unit vectors a Euclidean eps of 0.1 / 0.2 / "
        "0.3 is a cosine similarity of 0.995 / 0.98 / 0.955.",
    )
    eps_max: float = Field(
        default=0.35,
        description="Largest Euclidean eps that the forest, and so the sweep, can answer. Pairs "
        "farther apart are not looked at. A larger eps widens it by itself.",
    )
    min_samples: int = Field(
        default=1,
        description="Texts within eps, itself counted, that make a text the core of a cluster. "
        "1: clusters are the connected groups of near-duplicates.",
    )
    metric: Metric = Field(  # type: ignore[valid-type]
        default=Metric["euclidean"],
        description="The unit of eps: euclidean distance, or cosine distance (1 - similarity).",
    )
    text: Text = Field(
        default=Text.prompt,
        description="What is embedded: the prompt, or the prompt with its answer or chosen "
        "response (which implies that rows are exact duplicates only if both agree).",
    )
    exact_key: Text = Field(
        default=Text.prompt,
        description="What makes two rows exact duplicates: the same prompt, or the same prompt "
        "with the same answer or chosen response.",
    )
    survivor_policy: SurvivorPolicy = Field(
        default=SurvivorPolicy.lowest_id,
        description="Which row of a group stays: the lowest id, the longest answer, or a decided "
        "pair before a tie, or the dataset that stands first in source_priority. Equal rows: the "
        "lowest id.",
    )
    source_priority: list[str] = Field(
        default=[],
        description="Datasets in order of preference, such as GAIR/lima/train, for the survivor "
        "policy source_priority; those not named come last.",
    )
    max_distance_to_survivor: float | None = Field(
        default=None,
        description="Keep a cluster member that is farther (Euclidean) than this from the row "
        "that would stand for it. Empty: no limit.",
    )
    labelled_pairs: str | None = Field(
        default=None,
        description="A CSV of pairs that a person marked (type, source_prompt_id, other_source_prompt_id, label: "
        "same or different), as the review page downloads it. The eps sweep shows precision and recall against it.",
    )
    eval_splits: bool = Field(default=False, description="Load validation and test splits as well as training splits.")

    def selection(self) -> Selection:
        """Return which datasets are wanted, and how much of each."""
        return Selection(self.eval_splits, tuple(self.include), tuple(self.exclude), self.max_rows)

    def resolved_eps(self) -> float:
        """Return eps, or the model's default in the units of the metric."""
        if self.eps is not None:
            return self.eps
        eps = default_eps(self.model)
        return eps if self.metric.value == "euclidean" else eps**2 / 2

    def radius(self) -> float:
        """Return eps as a Euclidean distance.

        Raises
        ------
        SettingsError
            eps is out of its range, or there is no default for the model.
        """
        try:
            return euclidean_eps(self.resolved_eps(), self.metric.value)
        except ValueError as error:
            raise SettingsError(str(error)) from None

    def benchmark_radius(self) -> float:
        """Return the Euclidean distance at which a prompt repeats a benchmark's item; 0: vectors do not count."""
        return self.eps_max if self.benchmark_distance is None else self.benchmark_distance

    def forest_for(self, eps_max: float) -> ForestSettings:
        """Return what a forest must have been built with to answer up to a Euclidean eps_max."""
        if self.min_samples < 1:
            raise SettingsError(f"min_samples is {self.min_samples}; it must be at least 1")
        return ForestSettings(self.identity().key, eps_max, self.min_samples)

    def clustering_device(self) -> str:
        """Return the device on which pairs are compared: the first CUDA device if one is named, else the CPU."""
        named = [name.strip() for name in (self.device or "").split(",")]
        return next((name for name in named if name.startswith("cuda")), "cpu")

    def shown_in_launchpad(self) -> dict[str, Any]:
        """Return the settings with which the Launchpad opens; each has its description there."""
        shown = self.model_dump(mode="json", exclude_none=True, include=set(Settings.model_fields))
        return {"eps": self.resolved_eps(), **shown}

    def deciding_files(self) -> dict[str, Any]:
        """Return the settings that decide what is in a folder of outputs, defaults resolved, without a path of here."""
        identity = self.identity()
        vars_of_sql = self.dbt_vars()
        if self.text is Text.prompt_solution:
            vars_of_sql["exact_key"] = Text.prompt_solution.value
        pairs = Path(self.labelled_pairs) if self.labelled_pairs else None
        return {
            "eps": self.resolved_eps(),
            "metric": self.metric.value,
            "min_samples": self.min_samples,
            "eps_max": max(self.eps_max, self.radius()),
            "model": {"key": identity.key, "revision": identity.revision, "licence": identity.licence},
            **vars_of_sql,
            **self.deciding_contamination(),
            "labelled_pairs": hashlib.sha256(pairs.read_bytes()).hexdigest() if pairs and pairs.is_file() else None,
            "trainer_files": sorted(self.trainer_files),
        }

    def dbt_vars(self) -> dict[str, Any]:
        """Return the settings that SQL needs."""
        if self.max_distance_to_survivor is not None and not self.max_distance_to_survivor > 0:
            raise SettingsError("max_distance_to_survivor must be positive")
        return {
            "exact_key": self.exact_key.value,
            "text": self.text.value,
            "survivor_policy": self.survivor_policy.value,
            "source_priority": self.source_priority,
            "max_distance_to_survivor": self.max_distance_to_survivor,
            **self.contamination_vars(),
            **self.filter_vars(),
        }
