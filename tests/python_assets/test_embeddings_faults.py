"""The store when a run is killed, the disk is full, or two runs want it at once."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from python_assets.embeddings.store import EmbeddingStore
from python_assets.errors import StoreError
from tests.conftest import REPO_DIR
from tests.python_assets.embedding_cases import DictTexts, embed, random_texts, shard_bytes

# A run that says when a batch begins, and takes its time in it.
RUN = """
import sys, time
from pathlib import Path
from python_assets.embeddings import embed as embed_module
from python_assets.embeddings.batching import cut_shards
from python_assets.embeddings.encoder import Encoder
from tests.python_assets.embedding_cases import CharModel, DictTexts, embed, random_texts
embed_module.cut_shards = lambda lengths: cut_shards(lengths, 50)
class Slow(CharModel):
    def embed(self, sequences):
        print("batch", flush=True)
        time.sleep(float(sys.argv[2]))
        return super().embed(sequences)
print("embedded", embed(Path(sys.argv[1]), DictTexts(random_texts(230)), lambda: Encoder([Slow()], "cut")), flush=True)
"""


def _start(root: Path, seconds_per_batch: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(root), str(seconds_per_batch)],
        cwd=REPO_DIR,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPO_DIR), os.environ.get("PYTHONPATH", "")])},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("whole")
    with _start(root, 0) as process:
        assert process.stdout is not None
        assert process.stdout.read().endswith("embedded 230\n")
    return shard_bytes(root)


def test_a_run_that_is_killed_in_a_shard_loses_only_that_shard(tmp_path: Path, whole: dict[str, bytes]) -> None:
    with _start(tmp_path, 0.02) as process:
        assert process.stdout is not None
        for _ in range(12):
            assert process.stdout.readline() == "batch\n"
        process.send_signal(signal.SIGKILL)
    stored = shard_bytes(tmp_path)
    assert 1 < len(stored) < len(whole)
    assert stored.items() <= whole.items()
    with _start(tmp_path, 0) as process:
        assert process.stdout is not None
        # the plan is one of the files
        assert process.stdout.read().endswith(f"embedded {230 - 50 * (len(stored) - 1)}\n")
    assert shard_bytes(tmp_path) == whole


def test_of_two_runs_at_once_the_second_waits_and_finds_everything_done(
    tmp_path: Path, whole: dict[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    with _start(tmp_path, 0.02) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "batch\n"
        second = []
        waiting = threading.Thread(target=lambda: second.append(embed(tmp_path, DictTexts(random_texts(230)))))
        waiting.start()
        assert process.stdout.read().endswith("embedded 230\n")
        waiting.join()
    assert second == [0]
    assert f"is written by process {process.pid}; waiting for it" in caplog.text
    assert shard_bytes(tmp_path) == whole


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    with _start(tmp_path, 60) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "batch\n"
        process.kill()
    start = time.monotonic()
    with EmbeddingStore(tmp_path, "toy").locked():
        assert time.monotonic() - start < 1


@contextmanager
def _largest_file(n_bytes: int) -> Iterator[None]:
    """Make every write beyond that size fail, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_stops_the_run_and_what_is_stored_stays(tmp_path: Path) -> None:
    texts = DictTexts(random_texts(60))
    embed(tmp_path, texts)
    before = shard_bytes(tmp_path)
    more = DictTexts([*texts.by_key.values(), *random_texts(5_000, seed=1)])
    with _largest_file(300_000), pytest.raises(StoreError, match=r"shard-000001\.parquet cannot be written"):
        embed(tmp_path, more)
    assert before.items() <= shard_bytes(tmp_path).items()
    assert not list((tmp_path / "toy").glob(".*.part"))
    assert embed(tmp_path, more) == 5_000
