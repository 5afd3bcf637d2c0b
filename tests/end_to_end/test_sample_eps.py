"""Another eps on the finished sample run; this file comes behind the others that read it, as it labels it anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE_DIR, Run, run_job


def _labelled(path: Path, pairs: list[dict[str, Any]]) -> dict[str, str]:
    """Write prompt pairs as a person marks them, other numbers as different; return the settings that name the file."""
    lines = [
        f"prompt,{pair['a'][1]}_{pair['a'][0]},{pair['b'][1]}_{pair['b'][0]},"
        + ("different" if pair["kind"] == "number" else "same")
        for pair in pairs
    ]
    path.write_text("\n".join(["type,source_prompt_id,other_source_prompt_id,label", *lines]), encoding="utf-8")
    return {"labelled_pairs": str(path), "precision": "float32"}


def test_another_eps_needs_no_raw_file_and_no_new_embedding_and_leaves_the_other_files_alone(
    sample_run: Run, expected: dict[str, Any], tmp_path: Path
) -> None:
    before = sample_run.outputs()
    shards = sorted((sample_run.root / "embeddings").rglob("*.parquet"))
    stamps = [shard.stat().st_mtime_ns for shard in shards]
    apart = ("chinese", "long_head")
    pairs = [p for p in expected["near_duplicates"] if p["type"] == "prompt" and p["kind"] not in apart]
    settings = json.dumps(_labelled(tmp_path / "pairs.csv", pairs))
    run = run_job(
        tmp_path / "nowhere", sample_run.root, "--only-eps", "--type", "prompt", "--eps", "0.12", "--settings", settings
    )
    assert run.code == 0, run.stderr
    assert sorted((sample_run.root / "embeddings").rglob("*.parquet")) == shards
    assert [shard.stat().st_mtime_ns for shard in shards] == stamps
    assert (sample_run.root / "outputs/prompt_all/dedup_eps0.12/summary.csv").is_file()
    assert before.items() <= run.outputs().items()

    same = [pair["distance"] for pair in pairs if pair["kind"] != "number"]
    sweep = run.query("SELECT eps, recall FROM marts.eps_sweep WHERE type = 'prompt' ORDER BY eps")
    for eps in (0.06, 0.16):
        found = next(recall for value, recall in sweep if value == pytest.approx(eps))
        assert found >= sum(distance < eps for distance in same) / len(same) > 0
    assert sweep[-1][1] > sweep[0][1]


@pytest.mark.slow
def test_another_eps_gives_what_a_fresh_run_at_that_eps_gives(sample_run: Run, tmp_path: Path) -> None:
    later = run_job(SAMPLE_DIR, sample_run.root, "--only-eps", "--type", "sft", "--eps", "0.13")
    assert later.code == 0, later.stderr
    fresh = run_job(SAMPLE_DIR, tmp_path, "--type", "sft", "--eps", "0.13")
    assert fresh.code == 0, fresh.stderr
    of_eps = {name: content for name, content in fresh.outputs().items() if "dedup_eps0.13" in name}
    assert of_eps
    assert of_eps.items() <= later.outputs().items()
