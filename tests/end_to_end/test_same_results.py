"""Threads and batches change vectors by a rounding error at most, and no result."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import SAMPLE_DIR, Run, run_job

pytestmark = pytest.mark.slow

TYPE, EPS = "sft", 0.2
# Of a distance between two unit vectors in float32; bfloat16 has 3e-3.
TOLERANCE = 1e-5


def _results(run: Run) -> dict[str, bytes]:
    """Return the files that hold no distance."""
    directory = run.root / "outputs" / f"{TYPE}_all" / f"dedup_eps{EPS}"
    return {
        path.name: path.read_bytes()
        for path in sorted(directory.iterdir())
        if path.suffix in (".jsonl", ".parquet", ".npy", ".csv")
    }


def _vectors(run: Run) -> np.ndarray:
    return np.load(run.root / "outputs" / f"{TYPE}_all" / "embeddings" / "all_files_embeddings.npy")


@pytest.fixture(scope="module")
def two_threads(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = run_job(SAMPLE_DIR, tmp_path_factory.mktemp("two"), "--type", TYPE)
    assert run.code == 0, run.stderr
    return run


def test_no_pair_of_the_sample_lies_within_the_tolerance_of_eps(two_threads: Run) -> None:
    nearest = two_threads.query(f"SELECT min(abs(distance - {EPS})) FROM ml.{TYPE}_forest")[0][0]
    assert nearest > TOLERANCE


def test_threads_and_batches_move_vectors_by_rounding_only_and_no_label(
    two_threads: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    asked = json.dumps({"precision": "float32", "map_texts": 0, "batch_tokens": 600})
    other = run_job(SAMPLE_DIR, tmp_path, "--type", TYPE, "--settings", asked)
    assert other.code == 0, other.stderr
    assert np.linalg.norm(_vectors(other) - _vectors(two_threads), axis=1).max() < TOLERANCE / 2
    assert _results(other) == _results(two_threads)
