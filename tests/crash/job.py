"""A run of the real job in a process of its own that can be killed, with all that it started."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from python_assets.sources.registry import TYPES, load_registry
from tests.conftest import REPO_DIR, environment
from tests.crash.stages import DOWNLOAD, LOAD, STAGES, START, Moment, StageTracker, stages_from
from tests.hub_server import HubServer

_POLL_SECONDS = 0.002
SETTINGS = '{"precision": "float32", "map_texts": 0}'


@dataclass
class Job:
    """How to run a job on directories below `root`: ``raw`` (downloads) and ``warehouse``.

    Attributes
    ----------
    root : Path
    type_name : str
        Or all.
    hub : HubServer or None
        Where to download from; no other job asks it.
    raw_dir : Path or None
        Else where the files are.
    """

    root: Path
    type_name: str
    hub: HubServer | None = None
    raw_dir: Path | None = None

    @property
    def warehouse(self) -> Path:
        """Where everything that is made goes."""
        return self.root / "warehouse"

    @property
    def downloads(self) -> Path | None:
        """Where downloads go."""
        return self.root / "raw" if self.hub else None

    def tracker(self) -> StageTracker:
        """Return what follows a run of the job."""
        types = TYPES if self.type_name == "all" else (self.type_name,)
        n_datasets = sum(1 for dataset in load_registry() if dataset.feeds.keys() & set(types))
        return StageTracker(len(types), n_datasets, self.hub is not None)

    @contextmanager
    def started(self) -> Iterator[Running]:
        """Start a run; it does not outlive the block."""
        running = self._start()
        try:
            yield running
        finally:
            running.end()

    def _start(self) -> Running:
        source = ["--source", "hub"] if self.hub else []
        arguments = ["--type", self.type_name, *source, "--settings", SETTINGS]
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster_defs.run", *arguments],
            cwd=REPO_DIR,
            env=self._environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return Running(process, self.tracker(), self.root, self.hub)

    def _environment(self) -> dict[str, str]:
        raw_dir = self.downloads or self.raw_dir
        assert raw_dir is not None
        return {**environment(raw_dir, self.warehouse), **({"HF_ENDPOINT": self.hub.url} if self.hub else {})}


@dataclass
class Running:
    """A run that goes on; it is followed in a thread.

    Attributes
    ----------
    times : dict
        The seconds that each stage has taken, when the run has ended.
    lines : list of str
        Its log so far.
    """

    process: subprocess.Popen[str]
    tracker: StageTracker
    root: Path
    hub: HubServer | None
    lines: list[str] = field(default_factory=list)
    times: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin to follow the log."""
        self._since = time.monotonic()
        self._lines_in: dict[str, list[str]] = {stage: [] for stage in STAGES}
        self._asked_before = len(self.hub.requests) if self.hub else 0
        self._reader = threading.Thread(target=self._follow, daemon=True)
        self._reader.start()

    def kill_at(self, moment: Moment) -> str | None:
        """Kill the run and all that it started at a moment; return the stage that it was in, None if it had ended."""
        if not self.reach(moment):
            return None
        stage = self.tracker.stage
        self.end()
        self._reader.join()
        return stage

    def reach(self, moment: Moment) -> bool:
        """Wait until a moment has come; return False if the run has ended before."""
        while not self._has_come(moment):
            if self.process.poll() is not None:
                break
            time.sleep(_POLL_SECONDS)
        deadline = time.monotonic() + moment.seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        return self.process.poll() is None

    def end(self) -> None:
        """See that nothing of the run goes on."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def wait(self) -> int:
        """Let the run end and return its exit code."""
        code = self.process.wait()
        self._reader.join()
        return code

    def _has_come(self, moment: Moment) -> bool:
        if self.tracker.stage == START and self.hub and len(self.hub.requests) > self._asked_before:
            self._enter(DOWNLOAD)
        if self.tracker.stage not in stages_from(moment.stage):
            return False
        # datasets are downloaded and loaded in turn
        if self.tracker.stage not in ((DOWNLOAD, LOAD) if moment.stage in (DOWNLOAD, LOAD) else (moment.stage,)):
            return True
        if moment.file:
            return moment.file_is_there(self.root)
        lines = self._lines_in[moment.stage]
        return sum(bool(re.search(moment.line, line)) for line in lines) >= moment.nth if moment.line else True

    def _follow(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            self._lines_in[self.tracker.stage].append(line)
            entered = self.tracker.after(line)
            if entered != self.tracker.stage:
                self._enter(entered)
                self._lines_in[entered].append(line)
        self._enter(self.tracker.stage)

    def _enter(self, stage: str) -> None:
        now = time.monotonic()
        self.times[self.tracker.stage] = self.times.get(self.tracker.stage, 0.0) + now - self._since
        self._since = now
        self.tracker.stage = stage
