"""A run that is killed again and again, goes on each time, and ends as one that was left alone."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.crash.compare import Snapshot, snapshot
from tests.crash.job import Job
from tests.crash.stages import Moment


@dataclass(frozen=True)
class Reference:
    """A run that nobody disturbed.

    Attributes
    ----------
    content : Snapshot
    times : dict
        The seconds of each stage.
    """

    content: Snapshot
    times: dict[str, float]


@dataclass
class Outcome:
    """What came of a chain of kills.

    Attributes
    ----------
    kills : list of str
        The stage of each kill, in order.
    n_resumed : int
        After so many of them the next run went on.
    differences : list of str
        From the undisturbed run, and from a further run on what was there; empty when they are the same.
    errors : list of str
        The last log lines of a run that failed by itself.
    """

    kills: list[str] = field(default_factory=list)
    n_resumed: int = 0
    differences: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def is_identical(self) -> bool:
        """Tell whether what the chain left is what the undisturbed run left."""
        return not self.differences and not self.errors


def undisturbed(job: Job) -> Reference:
    """Run the job and remember what it left."""
    with job.started() as running:
        if running.wait():
            raise RuntimeError("".join(running.lines[-20:]))
    return Reference(snapshot(job.warehouse, job.downloads), running.times)


def run_chain(job: Job, moments: Sequence[Moment], reference: Reference, *, once_more: bool = False) -> Outcome:
    """Kill the job at each of the moments, start it again each time, let it end, and compare.

    Parameters
    ----------
    job : Job
        On directories where no run was before.
    moments : sequence of Moment
        A run that ends before its moment comes ends the chain.
    reference : Reference
    once_more : bool
        Run it again after its end; nothing may change.
    """
    outcome = Outcome()
    for moment in moments:
        stage = _run(job, outcome, moment)
        if stage is None:
            break
        outcome.kills.append(stage)
    else:
        _run(job, outcome)
    if not outcome.errors:
        outcome.differences = snapshot(job.warehouse, job.downloads).differences(reference.content)
    if once_more and outcome.is_identical:
        _run(job, outcome)
        again = snapshot(job.warehouse, job.downloads).differences(reference.content)
        outcome.differences = [f"after a further run, {line}" for line in again]
    return outcome


def _run(job: Job, outcome: Outcome, moment: Moment | None = None) -> str | None:
    """Run the job, to its end or to a moment; return the stage in which it was killed."""
    with job.started() as running:
        stage = running.kill_at(moment) if moment else None
        if stage is None and running.wait():
            outcome.errors = running.lines[-20:]
        else:
            outcome.n_resumed = len(outcome.kills)
        return stage


def in_new_directory(job: Job, name: str) -> Job:
    """Return the same job on directories of its own beside the job's."""
    root: Path = job.root.with_name(name)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    return replace(job, root=root)
