"""The stages of a run, as its log tells of them, and moments at which it can be killed."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

START, DOWNLOAD, LOAD, BEFORE = "start-up", "download", "load", "dbt, before the model"
EMBEDDING, FOREST, LABELS, MARTS, EXPORT = "embedding", "forest", "labels", "dbt, marts", "export"

# A stage ends with the line that makes so many in all, one a dataset, a dbt build or a type.
_ENDS: dict[str, tuple[str, str]] = {
    BEFORE: ("dbt: Finished", "builds"),
    EMBEDDING: (r"texts, \d+ embedded now", "types"),
    FOREST: (r"compared (\d+) of \1 parts|the forest is up to date", "types"),
    LABELS: (r"texts in \d+ clusters", "types"),
    MARTS: ("dbt: Finished", "builds"),
    EXPORT: ("files are in", "types"),
}
_FETCHED = re.compile(r": \d+ files at commit")
_LOADED = re.compile(r" (loaded|unchanged|off|not found|refused) ")
STAGES = (START, DOWNLOAD, LOAD, *_ENDS)


@dataclass
class StageTracker:
    """Knows from the lines of a log in which stage a run is.

    Parameters
    ----------
    n_types, n_datasets : int
        That the job works on.
    downloads : bool
        The run downloads its files.
    """

    n_types: int
    n_datasets: int
    downloads: bool
    stage: str = START
    _seen: Counter[str] = field(default_factory=Counter)

    def after(self, line: str) -> str:
        """Return the stage in which a run is after a line of its log."""
        if _FETCHED.search(line):
            return LOAD
        if _LOADED.search(line) and self.stage in (START, DOWNLOAD, LOAD):
            self._seen[LOAD] += 1
            if self._seen[LOAD] >= self.n_datasets:
                return BEFORE
            return DOWNLOAD if self.downloads else LOAD
        if self.stage in _ENDS:
            pattern, counted = _ENDS[self.stage]
            self._seen[self.stage] += bool(re.search(pattern, line))
            if self._seen[self.stage] >= (self.n_types if counted == "types" else 1):
                return STAGES[min(STAGES.index(self.stage) + 1, len(STAGES) - 1)]
        return self.stage


@dataclass(frozen=True)
class Moment:
    """When a run is killed: so many seconds after the first sign that it has come to a point.

    Attributes
    ----------
    stage : str
        At the earliest in this stage.
    line : str
        A pattern of a log line; empty: the stage itself is the sign.
    nth : int
        How many such lines there must be in this stage.
    file : str
        Else a pattern of paths below the run's directory, of which one must be there.
    seconds : float
    """

    stage: str
    line: str = ""
    nth: int = 1
    file: str = ""
    seconds: float = 0.0

    def file_is_there(self, root: Path) -> bool:
        """Tell whether the file that is waited for is there and not empty."""
        for path in root.glob(self.file):
            try:
                if path.stat().st_size or path.is_dir():
                    return True
            except FileNotFoundError:
                continue
        return False


CHOSEN = (
    Moment(START, file="warehouse/dbt/target/manifest.json"),
    Moment(DOWNLOAD, file="raw/*/*/.cache/warehouse/**/*.part"),
    Moment(DOWNLOAD, file="raw/*/*/.cache/warehouse/**/*.part", seconds=0.3),
    Moment(LOAD, line=_FETCHED.pattern, nth=2),
    Moment(LOAD, line=_FETCHED.pattern, nth=1, seconds=0.15),
    Moment(BEFORE, file="warehouse/dbt/target/dbt_models-*"),
    Moment(BEFORE, line="dbt: built stg_"),
    Moment(BEFORE, line="dbt: built int_.*_(merged|extracted)"),
    Moment(BEFORE, line="dbt: built int_.*_texts", seconds=0.3),
    Moment(EMBEDDING, file="warehouse/embeddings/*/.plan-*.part"),
    Moment(EMBEDDING, file="warehouse/embeddings/*/plan-*.parquet", seconds=1.0),
    Moment(EMBEDDING, file="warehouse/embeddings/*/.shard-*.part"),
    Moment(EMBEDDING, line=r"embedded (\d+) of \1 texts"),
    Moment(FOREST),
    Moment(FOREST, file="warehouse/arrangements/*/.*.part"),
    Moment(LABELS),
    Moment(LABELS, seconds=0.1),
    Moment(MARTS),
    Moment(MARTS, line="dbt: built int_.*_survivors"),
    Moment(MARTS, line="dbt: built (dedup_summary|unified_)"),
    Moment(EXPORT, file="warehouse/outputs/*/*/.all_files*.part"),
    Moment(EXPORT, file="warehouse/outputs/*/embeddings/.*.part"),
    Moment(EXPORT, line=r": wrote "),
)


def at_random(times: dict[str, float], random_: random.Random) -> Moment:
    """Draw a moment, each instant of an undisturbed run being as likely as any other.

    Parameters
    ----------
    times : dict
        The seconds that each stage took in that run.
    random_ : random.Random
    """
    (stage,) = random_.choices(list(times), weights=list(times.values()))
    return Moment(stage, seconds=random_.uniform(0, times[stage]))


def in_order(moments: Iterable[Moment]) -> list[Moment]:
    """Sort moments by their stages, so that a run which goes on from a kill comes to the next one."""
    return sorted(moments, key=lambda moment: STAGES.index(moment.stage))


def stages_from(stage: str) -> Sequence[str]:
    """Return a stage and those after it."""
    return STAGES[STAGES.index(stage) :]
