"""After a run that was killed the next one ends as if nothing had happened; `make crash-test` kills many more."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from python_assets.sources.registry import load_registry
from tests.conftest import SAMPLE_DIR, Run
from tests.crash.chain import in_new_directory, run_chain, undisturbed
from tests.crash.compare import snapshot
from tests.crash.data import build
from tests.crash.job import Job
from tests.crash.matrix import slow_hub
from tests.crash.stages import BEFORE, DOWNLOAD, EMBEDDING, EXPORT, LOAD, MARTS, Moment, at_random, in_order

TYPE = "prompt"


def _assert_as_among_all(root: Path, sample_run: Run) -> None:
    """Compare every table and every file of the type."""
    found, expected = snapshot(root), snapshot(sample_run.root)
    tables = {f"raw.{dataset.table}" for dataset in load_registry() if TYPE in dataset.feeds}
    tables |= {name for name in expected.tables if f"_{TYPE}" in name or name.startswith(f"ml.{TYPE}_")}
    assert len(tables) > 25
    assert {name: found.tables[name] for name in tables} == {name: expected.tables[name] for name in tables}
    files = {name for name in expected.files if f"outputs/{TYPE}_all/" in name}
    assert len(files) > 10
    assert {name: found.files[name] for name in files} == {name: expected.files[name] for name in files}
    assert not found.unfinished


def test_a_job_that_is_killed_ends_as_one_of_all_types_that_was_not(sample_run: Run, tmp_path: Path) -> None:
    job = Job(tmp_path, TYPE, raw_dir=SAMPLE_DIR)
    with job.started() as first:
        assert first.kill_at(Moment(BEFORE, line="dbt: built stg_")) == BEFORE, "".join(first.lines)
    with job.started() as second:
        assert second.wait() == 0, "".join(second.lines)
    _assert_as_among_all(job.warehouse, sample_run)


@pytest.mark.slow
def test_after_a_run_that_is_killed_without_its_dbt_the_next_one_waits_for_that(
    sample_run: Run, tmp_path: Path
) -> None:
    job = Job(tmp_path, TYPE, raw_dir=SAMPLE_DIR)
    with job.started() as first:
        assert first.reach(Moment(BEFORE, line="dbt: built stg_")), "".join(first.lines)
        first.process.kill()
        with job.started() as second:
            assert second.wait() == 0, "".join(second.lines)
    _assert_as_among_all(job.warehouse, sample_run)


@pytest.mark.slow
def test_a_job_that_is_killed_in_every_stage_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    build(tmp_path / "data", 400, seed=1)
    with slow_hub(tmp_path / "data", bytes_per_second=20_000) as hub:
        job = Job(tmp_path / "_", TYPE, hub)
        reference = undisturbed(in_new_directory(job, "undisturbed"))
        moments = [
            Moment(DOWNLOAD, file="raw/*/*/.cache/warehouse/**/*.part"),
            Moment(LOAD, line=r": \d+ files at commit"),
            Moment(EMBEDDING, file="warehouse/embeddings/*/plan-*.parquet"),
            Moment(MARTS, line="dbt: built int_"),
            Moment(EXPORT),
            at_random(reference.times, random.Random(1)),
        ]
        outcome = run_chain(in_new_directory(job, "killed"), in_order(moments), reference)
    assert outcome.errors == []
    assert outcome.differences == []
    assert {DOWNLOAD, EMBEDDING, MARTS} <= set(outcome.kills)
    assert outcome.n_resumed == len(outcome.kills)
