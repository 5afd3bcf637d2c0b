"""A disk that fills up or turns read-only in the midst of a run: a clear error, nothing lost, and the next run ends."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ANSI_TRACEBACK, SAMPLE_DIR, run_job
from tests.crash.chain import undisturbed
from tests.crash.compare import Snapshot, snapshot
from tests.crash.disks import Disk, disk
from tests.crash.job import Job, Running
from tests.crash.stages import BEFORE, EMBEDDING, EXPORT, LOAD, Moment

pytestmark = pytest.mark.slow

ROOM = 1 << 30
# Each moment with the room that is left and the names of the step that lacks it; those before it write little.
FULL = {
    "load": (Moment(LOAD, line=" loaded "), 100_000, "load of ", "raw__"),
    "dbt": (Moment(BEFORE, line="dbt: built stg_"), 600_000, "dbt, ", "dbt_models"),
    "embedding": (
        Moment(EMBEDDING, file="warehouse/embeddings/*/.lock"),
        60_000,
        "prompt: embeddings",
        "ml__prompt_embeddings",
    ),
    "export": (
        Moment(EXPORT, file="warehouse/outputs/prompt_all/dedup_eps0.2"),
        60_000,
        "prompt: files",
        "outputs__prompt",
    ),
}
# The step before may still have something to write when its last line comes.
READ_ONLY, READ_ONLY_STEPS = Moment(EXPORT), ("prompt: files", "outputs__prompt", "dbt")


@dataclass(frozen=True)
class SmallWarehouse:
    """A job whose warehouse lies on a small disk, and what an undisturbed run leaves."""

    job: Job
    disk: Disk
    expected: Snapshot

    def assert_whole(self) -> None:
        with self.job.started() as running:
            assert running.wait() == 0, "".join(running.lines)
        assert not snapshot(self.job.warehouse).differences(self.expected)

    def outputs(self) -> dict[str, bytes]:
        return {
            path.name: path.read_bytes()
            for path in sorted((self.job.warehouse / "outputs").rglob("*"))
            if path.is_file()
        }


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallWarehouse]:
    root = tmp_path_factory.mktemp("small")
    job = Job(root / "job", "prompt", raw_dir=SAMPLE_DIR)
    with disk(job.warehouse, ROOM) as mounted:
        whole = undisturbed(Job(root / "whole", "prompt", raw_dir=SAMPLE_DIR))
        yield SmallWarehouse(job, mounted, whole.content)


def _assert_told(running: Running, says: str, *steps: str) -> None:
    assert running.process.returncode == 1
    log = "".join(running.lines)
    assert ANSI_TRACEBACK not in log
    errors = re.findall(r"error: (.+?): (the disk .*)", log)
    assert errors, log
    assert all(said.startswith(says) and "the next run goes on from there" in said for _, said in errors), errors
    assert any(step.startswith(steps) for step, _ in errors), errors


def test_a_disk_that_is_full_at_one_stage_after_the_other_loses_nothing(small: SmallWarehouse) -> None:
    for moment, left, *steps in FULL.values():
        with small.job.started() as running:
            assert running.reach(moment), "".join(running.lines)
            small.disk.fill_up(left)
            running.wait()
        _assert_told(running, "the disk is full at ", *steps)
        small.disk.resize(ROOM)
    small.assert_whole()


def test_files_of_an_earlier_run_stay_as_they_are_on_a_full_disk(small: SmallWarehouse) -> None:
    small.assert_whole()
    before = small.outputs()
    small.disk.fill_up()
    refused = run_job(SAMPLE_DIR, small.job.warehouse, "--type", "prompt")
    assert refused.code == 1
    assert ANSI_TRACEBACK not in refused.stderr
    assert "the disk is full at " in refused.stderr
    assert small.outputs() == before
    small.disk.resize(ROOM)


def test_a_disk_that_turns_read_only_leaves_all_as_it_was(small: SmallWarehouse) -> None:
    small.assert_whole()
    before = small.outputs()
    with small.job.started() as running:
        assert running.reach(READ_ONLY), "".join(running.lines)
        os.killpg(running.process.pid, signal.SIGSTOP)
        with small.disk.read_only():
            os.killpg(running.process.pid, signal.SIGCONT)
            running.wait()
    _assert_told(running, "the disk is read-only at ", *READ_ONLY_STEPS)
    assert small.outputs() == before
    small.assert_whole()


def test_a_disk_that_is_read_only_from_the_start_is_refused_at_once(tmp_path: Path) -> None:
    with disk(tmp_path / "warehouse") as mounted, mounted.read_only():
        refused = run_job(SAMPLE_DIR, mounted.path, "--type", "prompt")
    assert refused.code == 1
    assert refused.stderr.startswith(f"error: the warehouse directory {mounted.path} cannot be written to")
