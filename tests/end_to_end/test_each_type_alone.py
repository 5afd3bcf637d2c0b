"""Every type stands alone: on an empty warehouse, again, and beside the others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import SAMPLE_DIR, Run, run_job

pytestmark = pytest.mark.slow

# Two that share a dataset; prompt alone is what the tests of killed runs look at.
TYPES = ("preference", "cot")


def _files(run: Run) -> dict[str, bytes]:
    """Return the files of the two types."""
    folders = tuple(f"{type_name}_all/" for type_name in TYPES)
    return {name: content for name, content in run.outputs().items() if name.startswith(folders)}


def test_types_run_one_after_the_other_give_what_they_give_at_once(sample_run: Run, tmp_path: Path) -> None:
    """The first works alone on an empty warehouse, the other beside it."""
    at_once = _files(sample_run)
    assert len(at_once) > 20
    for type_name in TYPES:
        last = run_job(SAMPLE_DIR, tmp_path, "--type", type_name)
        assert last.code == 0, last.stderr
        found = _files(last)
        assert {name: at_once[name] for name in found} == found
    assert found.keys() == at_once.keys()
    summary = f"SELECT * EXCLUDE (load_error) FROM marts.dedup_summary WHERE type IN {TYPES} ORDER BY type, ordinal"
    assert last.query(summary) == sample_run.query(summary)


def test_a_single_dataset_is_enough_for_every_type(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    shutil.copytree(SAMPLE_DIR / "GAIR" / "LIMO", raw / "GAIR" / "LIMO")
    run = run_job(raw, tmp_path / "warehouse")
    assert run.code == 0, run.stderr
    loaded = run.query("SELECT type, dataset FROM marts.dedup_summary WHERE status = 'loaded'")
    assert loaded == [("cot", "GAIR/LIMO")]
    empty = run.outputs()["sft_all/dedup_eps0.2/all_files_unified_eps0.2.jsonl"]
    assert empty == b""
