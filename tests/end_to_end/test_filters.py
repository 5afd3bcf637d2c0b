"""A run that keeps short English and German prompts only."""

from __future__ import annotations

import json

import pytest

from tests.conftest import SAMPLE_DIR, Run, run_job

pytestmark = pytest.mark.slow

SETTINGS = {"precision": "float32", "keep_languages": ["en", "de"], "keep_max_chars": 42, "keep_min_tokens": 8}


@pytest.fixture(scope="module")
def filtered_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("filtered")
    run = run_job(SAMPLE_DIR, root, "--type", "sft", "--settings", json.dumps(SETTINGS))
    assert run.code == 0, run.stderr
    return run


def test_what_is_kept_passes_and_what_is_filtered_says_why(filtered_run: Run) -> None:
    kept = filtered_run.query("SELECT language, prompt_chars, n_tokens FROM marts.unified_sft")
    assert {language for language, _, _ in kept} == {"en", "de"}
    assert max(chars for _, chars, _ in kept) <= 42
    assert min(tokens for _, _, tokens in kept) >= 8
    filtered = dict(filtered_run.query("SELECT reason, any_value(threshold) FROM marts.filtered GROUP BY reason"))
    assert filtered == {"language": "en, de", "too_many_chars": "42", "too_few_tokens": "8"}
    lines = filtered_run.outputs()["sft_all/dedup_eps0.2/all_files_unified_eps0.2.jsonl"].decode().splitlines()
    assert len(lines) == len(kept)
    fields = ["all_prompt_id", "source_prompt_id", "prompt", "answer", "metadata"]
    assert all(list(json.loads(line)) == fields for line in lines)


def test_every_row_is_accounted_for_and_only_then_the_filtered_are_shown(sample_run: Run, filtered_run: Run) -> None:
    totals = filtered_run.query(
        """
        SELECT
            sum(raw_rows), sum(quarantined), sum(exact_duplicates), sum(semantic_duplicates), sum(filtered), sum(kept)
        FROM marts.dedup_summary WHERE type = 'sft'
        """
    )[0]
    assert totals[0] == sum(totals[1:])
    assert totals[4] > 0
    assert ["sft", "15", *map(str, totals)] in [line.split() for line in filtered_run.stdout.splitlines()]
    assert "semantic dup.  filtered  kept" in filtered_run.stdout
    assert "semantic dup.  kept" in sample_run.stdout
    by_the_merge = """
        SELECT dataset, quarantined, exact_duplicates FROM marts.dedup_summary WHERE type = 'sft' ORDER BY ordinal
    """
    assert filtered_run.query(by_the_merge) == sample_run.query(by_the_merge)


def test_a_row_that_loses_its_survivor_to_a_filter_is_kept_or_finds_another(sample_run: Run, filtered_run: Run) -> None:
    stood = dict(sample_run.query("SELECT all_prompt_id, survivor_prompt_id FROM intermediate.int_sft_survivors"))
    rows = filtered_run.query(
        "SELECT all_prompt_id, survivor_prompt_id, is_kept, filter_reason FROM intermediate.int_sft_survivors"
    )
    filtered = {prompt_id for prompt_id, _, _, reason in rows if reason}
    kept = {prompt_id for prompt_id, _, is_kept, _ in rows if is_kept}
    assert not filtered & kept
    bereft = {row[0]: row[1] for row in rows if row[0] not in filtered and stood[row[0]] in filtered}
    assert set(bereft.values()) <= kept
    assert any(survivor == prompt_id for prompt_id, survivor in bereft.items())
    assert any(survivor != prompt_id for prompt_id, survivor in bereft.items())
