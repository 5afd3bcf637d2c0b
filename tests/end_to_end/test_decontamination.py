"""Test sets stay out: what repeats an item goes, with the reason, and no item becomes a training row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE_DIR, Run, run_job

pytestmark = pytest.mark.slow

# Of GAIR/lima's sample: one prompt word for word, one inside of a longer one, one asked otherwise.
ITEMS = [
    "what are the benefits of drinking GREEN TEA, every day",
    "How can I read a 40 GB CSV file in Python without running out?",
    "How can I teach myself to play the guitar?",
    "Which moon of the invented planet Quorvane has the longest tide tables?",
]
FOUND = {"1_GAIR/lima/train": 0, "3_GAIR/lima/train": 1, "4_GAIR/lima/train": 2}
NEAR_ONLY = "4_GAIR/lima/train"
MARKER = "Quorvane"


def _settings(benchmark: Path, **more: Any) -> tuple[str, str]:
    named = {"precision": "float32", "map_texts": 0, "benchmarks": [str(benchmark)], "benchmark_distance": 0.6}
    return "--settings", json.dumps(named | more)


@pytest.fixture(scope="module")
def benchmark_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("benchmarks") / "house.jsonl"
    path.write_text("".join(json.dumps({"question": item, "answer": 1}) + "\n" for item in ITEMS), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def clean_run(tmp_path_factory: pytest.TempPathFactory, benchmark_file: Path) -> Run:
    run = run_job(SAMPLE_DIR, tmp_path_factory.mktemp("clean"), "--type", "sft", *_settings(benchmark_file))
    assert run.code == 0, run.stderr
    return run


@pytest.fixture(scope="module")
def flagged_run(clean_run: Run, benchmark_file: Path) -> Run:
    """The same warehouse labelled anew, the rows flagged only; it comes after what looks at the clean run."""
    arguments = ("--type", "sft", "--only-eps", *_settings(benchmark_file, contamination="flag", eps=0.1))
    run = run_job(SAMPLE_DIR, clean_run.root, *arguments)
    assert run.code == 0, run.stderr
    return run


def test_each_method_finds_what_it_is_for(clean_run: Run) -> None:
    rows = clean_run.query("SELECT source_prompt_id, item, method, score, distance, item_text FROM marts.contamination")
    by_row = {
        (source, item): {row[2]: row[3:] for row in rows if row[:2] == (source, item)} for source, item, *_ in rows
    }
    methods = {place: set(by_row[place]) for place in FOUND.items()}
    assert {"exact", "ngram_8", "embedding"} <= methods["1_GAIR/lima/train", 0]
    assert "ngram_13" in methods["3_GAIR/lima/train", 1]
    assert "exact" not in methods["3_GAIR/lima/train", 1]
    assert methods["4_GAIR/lima/train", 2] == {"embedding"}
    for found in by_row.values():
        for method, (score, distance, text) in found.items():
            assert text in ITEMS
            assert (distance is not None) == (method == "embedding")
            assert 0 < score <= 1 + 1e-6


def test_what_words_find_goes_and_says_why_and_what_only_vectors_find_is_flagged(clean_run: Run) -> None:
    filtered = clean_run.query("SELECT source_prompt_id, reason, value FROM marts.filtered")
    assert {row[0] for row in filtered} >= FOUND.keys() - {NEAR_ONLY}
    assert {row[1:] for row in filtered} == {("contaminated", "house")}
    kept = clean_run.query("SELECT source_prompt_id FROM marts.unified_sft WHERE contaminated_by IS NOT NULL")
    near = clean_run.query("SELECT source_prompt_id FROM marts.contamination WHERE method = 'embedding'")
    assert (NEAR_ONLY,) in kept
    assert set(kept) <= set(near)
    totals = clean_run.query(
        "SELECT sum(raw_rows), sum(quarantined + exact_duplicates + semantic_duplicates + filtered + kept), "
        "sum(filtered) FROM marts.dedup_summary WHERE type = 'sft'"
    )[0]
    assert totals[0] == totals[1]
    assert totals[2] == len(filtered)


def test_the_summary_counts_rows_and_items(clean_run: Run) -> None:
    (row,) = clean_run.query(
        "SELECT exact, items_found, items, share_of_items FROM marts.contamination_summary "
        "WHERE dataset = 'GAIR/lima/train'"
    )
    assert row == (1, 3, 4, 0.75)


def test_no_item_becomes_a_training_row(clean_run: Run) -> None:
    assert clean_run.query("SELECT count(*) FROM ml.benchmark_items") == [(len(ITEMS),)]
    outputs = clean_run.outputs()
    assert outputs
    assert not [name for name, content in outputs.items() if MARKER.encode() in content]
    keys = "SELECT text_key FROM ml.benchmark_items WHERE text LIKE '%Quorvane%'"
    for table in ("ml.sft_embeddings", "ml.sft_forest_points", "ml.sft_clusters", "intermediate.int_sft_texts"):
        assert clean_run.query(f"SELECT count(*) FROM {table} SEMI JOIN ({keys}) USING (text_key)") == [(0,)]
    assert clean_run.query("SELECT count(*) FROM marts.unified_sft WHERE prompt LIKE '%Quorvane%'") == [(0,)]


def test_flagged_rows_are_kept_and_named(flagged_run: Run) -> None:
    kept = dict(
        flagged_run.query("SELECT source_prompt_id, contaminated_by FROM marts.unified_sft WHERE contaminated_by != ''")
    )
    assert {source: kept.get(source) for source in FOUND} == dict.fromkeys(FOUND, "house")
    assert flagged_run.query("SELECT count(*) FROM marts.filtered") == [(0,)]


def test_without_benchmarks_the_rows_come_back(sample_run: Run, flagged_run: Run) -> None:
    run = run_job(SAMPLE_DIR, flagged_run.root, "--type", "sft")
    assert run.code == 0, run.stderr
    files = [name for name in sample_run.outputs() if name.startswith("sft_all/dedup_eps0.2/all_files_dedup")]
    assert files
    assert {name: run.outputs()[name] for name in files} == {name: sample_run.outputs()[name] for name in files}
    assert run.query("SELECT count(*) FROM marts.contamination") == [(0,)]


def test_a_benchmark_that_is_not_there_ends_the_run_before_it_starts(tmp_path: Path) -> None:
    run = run_job(SAMPLE_DIR, tmp_path, "--type", "sft", *_settings(tmp_path / "missing.jsonl"))
    assert run.code == 1
    assert "missing.jsonl is no file and none of gsm8k" in run.stderr
    assert not (tmp_path / "warehouse.duckdb").exists()
