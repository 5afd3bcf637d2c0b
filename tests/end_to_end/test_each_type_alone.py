"""Every type stands alone: on an empty warehouse, again, and beside the others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from python_assets.sources.registry import load_registry
from tests.conftest import SAMPLE_DIR, Run, run_job

TYPES = ("prompt", "sft", "cot", "preference")

pytestmark = pytest.mark.slow


def _without_vectors(run: Run) -> dict[str, bytes]:
    """Return the files whose bytes do not depend on which texts shared a batch of the model."""
    return {
        name: content
        for name, content in run.outputs().items()
        if "dedup_eps0.2" in name and name.endswith((".jsonl", ".parquet", ".csv", "labels_eps0.2.npy"))
    }


def test_types_run_one_after_the_other_give_what_they_give_at_once(sample_run: Run, tmp_path: Path) -> None:
    """The first works alone on an empty warehouse, the others beside those before them."""
    at_once = _without_vectors(sample_run)
    for type_name in reversed(TYPES):
        last = run_job(SAMPLE_DIR, tmp_path, "--type", type_name)
        assert last.code == 0, last.stderr
        of_type = {name for name in at_once if name.startswith(f"{type_name}_all/")}
        found = _without_vectors(last)
        assert {name: found[name] for name in of_type} == {name: at_once[name] for name in of_type}
    assert _without_vectors(last) == at_once
    summary = "SELECT * EXCLUDE (load_error) FROM marts.dedup_summary ORDER BY type, ordinal"
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


def test_prompt_and_solution_together_keep_different_answers(sample_run: Run, tmp_path: Path) -> None:
    run = run_job(SAMPLE_DIR, tmp_path, "--type", "sft", "--settings", '{"text": "prompt_solution"}')
    assert run.code == 0, run.stderr
    staged = " UNION ALL ".join(
        f"SELECT '{entry.dataset}' AS dataset, _row, prompt, answer FROM staging.stg_sft__{entry.table}"
        for entry in load_registry()
        if "sft" in entry.feeds
    )
    rows, pairs = run.query(
        f"""
        SELECT count(*), count(DISTINCT (s.prompt, s.answer))
        FROM intermediate.int_sft_merged JOIN ({staged}) AS s USING (dataset, _row)
        """
    )[0]
    assert rows == pairs
    merged = "SELECT count(*) FROM intermediate.int_sft_merged"
    assert run.query(merged)[0] > sample_run.query(merged)[0]
