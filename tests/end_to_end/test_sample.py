"""What comes out of the bundled sample is what a reader of its rows expects."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.conftest import REPO_DIR, SAMPLE_DIR, Run, environment, run_job

TYPES = ("prompt", "sft", "cot", "preference")
TULU = "allenai/tulu-3-sft-olmo-2-mixture-0225"
UNIFIED_FIELDS = {
    "prompt": ["all_prompt_id", "source_prompt_id", "prompt", "metadata"],
    "sft": ["all_prompt_id", "source_prompt_id", "prompt", "answer", "metadata"],
    "cot": ["all_prompt_id", "source_prompt_id", "prompt", "thinking", "answer", "metadata"],
    "preference": [
        "all_prompt_id",
        "source_prompt_id",
        "prompt",
        "chosen",
        "rejected",
        "metadata",
    ],
}


def _lines(run: Run, type_name: str, kind: str) -> list[dict[str, Any]]:
    content = run.outputs()[f"{type_name}_all/dedup_eps0.2/all_files_{kind}_eps0.2.jsonl"]
    assert content.endswith(b"\n")
    return [json.loads(line) for line in content.decode("utf-8").removesuffix("\n").split("\n")]


def test_rows_are_quarantined_for_the_reasons_a_reader_gives(sample_run: Run, expected: dict[str, Any]) -> None:
    found: dict[tuple[str, str], dict[int, str]] = {}
    for type_name, dataset, row, reason in sample_run.query("SELECT type, dataset, _row, reason FROM marts.quarantine"):
        found.setdefault((type_name, dataset), {})[row] = reason
    wanted = {(d["type"], d["dataset"]): d["quarantined"] for d in expected["datasets"] if d["quarantined"]}
    assert found == wanted


def test_row_and_tie_counts(sample_run: Run, expected: dict[str, Any]) -> None:
    counts = {
        (type_name, dataset): (raw_rows, ties)
        for type_name, dataset, raw_rows, ties in sample_run.query(
            """
            SELECT s.type, s.dataset, s.raw_rows, (
                SELECT count(*) FROM intermediate.int_preference_extracted AS e
                WHERE e.dataset = s.dataset AND e.is_tie AND e.reject_reason IS NULL
            )
            FROM marts.dedup_summary AS s WHERE s.status = 'loaded'
            """
        )
    }
    for dataset in expected["datasets"]:
        raw_rows, ties = counts[dataset["type"], dataset["dataset"]]
        assert raw_rows == dataset["rows"], dataset["dataset"]
        if dataset["type"] == "preference":
            assert ties == dataset["ties"], dataset["dataset"]


@pytest.mark.parametrize("type_name", TYPES)
def test_merge_and_comparability_counts(sample_run: Run, expected: dict[str, Any], type_name: str) -> None:
    wanted = expected["types"][type_name]
    merged, copies, incomparable = sample_run.query(
        "SELECT count(*), sum(n_exact_copies), count(*) FILTER (WHERE NOT is_comparable) "
        f"FROM intermediate.int_{type_name}_survivors"
    )[0]
    assert merged == wanted["distinct_prompts"]
    assert copies == wanted["usable_rows"]
    assert incomparable == wanted["unreadable"] + wanted["truncated"]


def test_near_duplicates_merge_by_their_distance_and_only_when_comparable(
    sample_run: Run, expected: dict[str, Any]
) -> None:
    rows = sample_run.query(
        """
        WITH texts AS (
            SELECT 'prompt' AS type, * FROM intermediate.int_prompt_extracted
            UNION ALL SELECT 'sft', * FROM intermediate.int_sft_extracted
            UNION ALL SELECT 'cot', * FROM intermediate.int_cot_extracted
            UNION ALL SELECT 'preference', * FROM intermediate.int_preference_extracted
        ), clusters AS (
            SELECT 'prompt' AS type, * FROM ml.prompt_clusters
            UNION ALL SELECT 'sft', * FROM ml.sft_clusters
            UNION ALL SELECT 'cot', * FROM ml.cot_clusters
            UNION ALL SELECT 'preference', * FROM ml.preference_clusters
        )
        SELECT type, dataset, _row, cluster_id FROM texts JOIN clusters USING (type, text_key)
        """
    )
    cluster = {(type_name, dataset, row): label for type_name, dataset, row, label in rows}
    for pair in expected["near_duplicates"]:
        a, b = (cluster[pair["type"], dataset, row] for dataset, row in (pair["a"], pair["b"]))
        if pair["kind"] in ("chinese", "long_head"):
            assert a != b, f"merged without being comparable: {pair}"
        elif pair["distance"] <= 0.2:
            assert a == b, f"not merged: {pair}"
        else:
            assert a != b, f"merged: {pair}"


@pytest.mark.parametrize("type_name", TYPES)
def test_files_have_the_formats_fields_in_their_order(sample_run: Run, type_name: str) -> None:
    for kind, fields in (
        ("dedup", UNIFIED_FIELDS["prompt"]),
        ("unified", UNIFIED_FIELDS[type_name]),
    ):
        lines = _lines(sample_run, type_name, kind)
        assert lines
        assert all(list(line) == fields for line in lines)
        ids = [line["all_prompt_id"] for line in lines]
        assert ids == sorted(set(ids))


@pytest.mark.parametrize("type_name", TYPES)
def test_labels_embeddings_and_parquet_agree_with_the_tables(sample_run: Run, type_name: str) -> None:
    base = sample_run.root / "outputs" / f"{type_name}_all"
    labels = np.load(base / "dedup_eps0.2" / "all_files_labels_eps0.2.npy")
    vectors = np.load(base / "embeddings" / "all_files_embeddings.npy")
    parquet = pq.read_table(base / "dedup_eps0.2" / "all_files_unified_eps0.2.parquet")
    survivors = sample_run.query(
        f"SELECT all_prompt_id, cluster_id, is_kept FROM intermediate.int_{type_name}_survivors ORDER BY 1"
    )
    assert labels.dtype == np.int64
    assert labels.tolist() == [label for _, label, _ in survivors]
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(survivors), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    kept = [prompt_id for prompt_id, _, is_kept in survivors if is_kept]
    assert parquet["all_prompt_id"].to_pylist() == kept
    assert [line["all_prompt_id"] for line in _lines(sample_run, type_name, "dedup")] == kept


@pytest.mark.parametrize("type_name", TYPES)
@pytest.mark.parametrize("kind", ["dedup", "unified"])
def test_every_line_is_what_an_independent_writer_makes_of_it_without_escapes(
    sample_run: Run, type_name: str, kind: str
) -> None:
    content = sample_run.outputs()[f"{type_name}_all/dedup_eps0.2/all_files_{kind}_eps0.2.jsonl"]
    for line in content.decode("utf-8").removesuffix("\n").split("\n"):
        assert line == json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":"))


def test_labels_are_numbered_by_first_appearance(sample_run: Run) -> None:
    for type_name in TYPES:
        path = f"{type_name}_all/dedup_eps0.2/all_files_labels_eps0.2.npy"
        labels = np.load(sample_run.root / "outputs" / path)
        _, first = np.unique(labels, return_index=True)
        assert (np.diff(first) > 0).all()
        assert labels[0] == 0


def test_metadata_is_the_whole_original_row(sample_run: Run) -> None:
    with (SAMPLE_DIR / "GAIR/LIMO/limo.jsonl").open(encoding="utf-8") as file:
        originals = [json.loads(line) for line in file]
    tulu = [row for shard in sorted((SAMPLE_DIR / TULU).rglob("*.parquet")) for row in pq.read_table(shard).to_pylist()]
    sources = {"GAIR/LIMO": originals, TULU: tulu}
    lines = _lines(sample_run, "cot", "unified") + _lines(sample_run, "sft", "unified")
    seen = set()
    for line in lines:
        row, dataset = line["source_prompt_id"].split("_", 1)
        if dataset in sources:
            seen.add(dataset)
            assert json.loads(line["metadata"]) == sources[dataset][int(row)]
    assert seen == set(sources)


def test_multi_turn_pairs_are_lists_and_ties_are_empty(sample_run: Run) -> None:
    arena = ties = 0
    for line in _lines(sample_run, "preference", "unified"):
        original = json.loads(line["metadata"])
        if line["source_prompt_id"].endswith("arena-human-preference-100k"):
            arena += 1
            assert isinstance(line["prompt"], list)
            if original["winner"].startswith("tie"):
                ties += 1
                assert (line["chosen"], line["rejected"]) == ("", "")
                continue
            winner, loser = (
                [m["content"] for m in original[f"conversation_{side}"] if m["role"] == "assistant"]
                for side in (("a", "b") if original["winner"] == "model_a" else ("b", "a"))
            )
            assert (line["chosen"], line["rejected"]) == (winner, loser)
        else:
            assert isinstance(line["prompt"], str)
    assert arena
    assert ties


def test_helpsteer3_scores_choose_the_better_response(sample_run: Run) -> None:
    scores = set()
    for line in _lines(sample_run, "preference", "unified"):
        if "nvidia/HelpSteer3/preference" not in line["source_prompt_id"]:
            continue
        row = json.loads(line["metadata"])
        scores.add(row["overall_preference"])
        pair = (line["chosen"], line["rejected"])
        if row["overall_preference"] < 0:
            assert pair == (row["response1"], row["response2"])
        elif row["overall_preference"] > 0:
            assert pair == (row["response2"], row["response1"])
        else:
            assert pair == ("", "")
    assert scores == {-3, -2, -1, 0, 1, 2, 3}


def test_the_final_table_accounts_for_every_row(sample_run: Run) -> None:
    total = next(line for line in sample_run.stdout.splitlines() if line.startswith("total"))
    _, raw_rows, *rest = (int(number) for number in total.split()[1:])
    assert raw_rows == sum(rest) > 0


@pytest.mark.slow
def test_a_second_run_writes_the_same_bytes(sample_run: Run) -> None:
    before = sample_run.outputs()
    again = run_job(SAMPLE_DIR, sample_run.root, "--type", "cot")
    assert again.code == 0, again.stderr
    assert again.outputs() == before


def test_the_sql_shell_reads_the_marts(sample_run: Run) -> None:
    shell = subprocess.run(
        [
            sys.executable,
            "-m",
            "python_assets.sql_shell",
            "-csv",
            "-c",
            "SELECT count(*) AS n FROM marts.unified_sft",
        ],
        cwd=REPO_DIR,
        env=environment(SAMPLE_DIR, sample_run.root),
        capture_output=True,
        text=True,
        check=True,
    )
    kept = sample_run.query("SELECT count(*) FROM intermediate.int_sft_survivors WHERE is_kept")
    assert shell.stdout.split() == ["n", str(kept[0][0])]


def test_progress_can_be_followed_in_the_types_log(sample_run: Run) -> None:
    log = (sample_run.root / "logs" / "sft.log").read_text(encoding="utf-8")
    assert "sft: embedded" in log
    assert "GAIR/lima/train" in log
    assert "HelpSteer3" not in log
