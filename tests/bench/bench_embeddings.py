"""
Measure the embedding side by side with SentenceTransformer.encode, a run over stored texts, and bfloat16.

    python tests/bench/bench_embeddings.py --prompts prompts.parquet
    python tests/bench/bench_embeddings.py --quick

The rivals take turns in one process; the fastest turn of each counts. The part for a GPU runs where there is one.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from python_assets.embeddings.embed import embed_missing
from python_assets.embeddings.encoded import EncodedTexts, is_comparable
from python_assets.embeddings.encoder import Encoder
from python_assets.embeddings.folders import packaged
from python_assets.embeddings.hardware import resolve_precision
from python_assets.embeddings.identity import identify
from python_assets.embeddings.loading import load_model
from python_assets.embeddings.presets import MINILM, PRESETS
from python_assets.embeddings.store import EmbeddingStore
from tests.bench.bench_prompts import bench_prompts
from tests.bench.precision import moved_distances, partition_change

BATCH_TOKENS = 8_192
SHARD_TEXTS = 4_096
THEIRS = "SentenceTransformer.encode"


def minilm(precision: str) -> Encoder:
    """The default model on the CPU."""
    return Encoder([load_model(identify(MINILM, precision=precision), "cpu")], "cut")


def encode(encoder: Encoder, texts: list[str]) -> EncodedTexts:
    """Texts to vectors, as a shard is computed."""
    return encoder.encode(encoder.tokenize(texts), BATCH_TOKENS)


def compare_speed(prompts: list[str], turns: int) -> None:
    """Ours in float32 and in what this machine has, beside the default of sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    preset = PRESETS[MINILM]
    theirs = SentenceTransformer(str(packaged(preset.package, preset.revision)), device="cpu")
    runs: dict[str, Callable[[list[str]], Any]] = {THEIRS: partial(theirs.encode, show_progress_bar=False)}
    for precision in dict.fromkeys(("float32", resolve_precision("auto", ("cpu",)))):
        runs[f"ours, {precision}"] = partial(encode, minilm(precision))
    seconds, cpu = ({name: float("inf") for name in runs} for _ in range(2))
    for turn in range(turns + 1):
        for name, run in runs.items():
            start, cpu_start = time.perf_counter(), time.process_time()
            run(prompts if turn else prompts[:100])
            if turn:
                seconds[name] = min(seconds[name], time.perf_counter() - start)
                cpu[name] = min(cpu[name], time.process_time() - cpu_start)
    print(f"{len(prompts)} prompts, {MINILM} on the CPU, best of {turns}", flush=True)
    for name, value in seconds.items():
        clock = f"{value:8.2f} s  {len(prompts) / value:7.0f} texts/s  {seconds[THEIRS] / value:5.2f} x"
        print(f"  {name:28s} {clock}  {cpu[name]:8.2f} CPU s  {cpu[THEIRS] / cpu[name]:5.2f} x", flush=True)


class NoTexts:
    """Fails where a text is read."""

    def lengths(self, keys: object) -> list[int]:
        """Fail."""
        raise AssertionError("lengths were read")

    def read(self, keys: object) -> list[str]:
        """Fail."""
        raise AssertionError("texts were read")


def make_store(root: Path, n: int) -> list[str]:
    """A store of n random vectors."""
    keys = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(n)]
    store = EmbeddingStore(root, identify(MINILM, precision="float32").key)
    rng = np.random.default_rng(0)
    for number, start in enumerate(range(0, n, SHARD_TEXTS)):
        part = keys[start : start + SHARD_TEXTS]
        encoded = EncodedTexts.empty(len(part), 384)
        encoded.vectors[:] = rng.standard_normal(encoded.vectors.shape)
        store.write(number, part, encoded)
    return keys


def run_over_stored(root: Path, n: int) -> None:
    """What a run does where every text is stored."""
    start = time.perf_counter()
    keys = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(n)]
    made = time.perf_counter()
    store = EmbeddingStore(root, identify(MINILM, precision="float32").key)
    n_embedded = embed_missing(store, keys, NoTexts(), _no_model, batch_tokens=BATCH_TOKENS, described={})
    done = time.perf_counter()
    vectors = store.read(keys).vectors
    print(
        f"{n} stored texts: {n_embedded} embedded in {done - made:.2f} s, no model loaded "
        f"({'torch' if 'torch' in sys.modules else 'no torch'}); their {vectors.nbytes >> 20} MiB of vectors "
        f"read in {time.perf_counter() - done:.2f} s; keys made in {made - start:.2f} s",
        flush=True,
    )


def _no_model() -> Encoder:
    raise AssertionError("a model was loaded")


def compare_precision(prompts: list[str]) -> None:
    """What bfloat16 changes."""
    exact, rounded = (encode(minilm(precision), prompts) for precision in ("float32", "bfloat16"))
    comparable = is_comparable(exact.n_tokens, exact.n_unknown, exact.is_truncated)
    one, other = exact.vectors[comparable], rounded.vectors[comparable]
    moved = np.abs(moved_distances(one, other))
    print(f"bfloat16 beside float32, {len(one)} comparable of {len(prompts)} prompts", flush=True)
    mean, most, largest = moved.mean(), np.quantile(moved, 0.99), moved.max()
    print(f"  distances move by {mean:.5f} in the mean, 99% by less than {most:.5f}, at most {largest:.5f}")
    for eps in (0.1, 0.2, 0.3):
        together, differ, clusters = partition_change(one, other, eps)
        print(f"  eps {eps}: {together} pairs together, {differ} differ, {clusters:+d} clusters", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=Path, help="Parquet with a column prompt; generated ones when absent")
    parser.add_argument("--quick", action="store_true", help="a tenth of the sizes")
    parser.add_argument("--only", nargs="*", choices=["speed", "stored", "precision", "gpu"])
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--stored", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    shrink = 10 if options.quick else 1
    if options.stored:
        run_over_stored(options.stored, 100_000 // shrink)
        return
    wanted = set(options.only or ["speed", "stored", "precision", "gpu"])
    if "speed" in wanted:
        compare_speed(bench_prompts(options.prompts, 3_000 // shrink), options.turns)
    if "stored" in wanted:
        with tempfile.TemporaryDirectory() as root:
            make_store(Path(root), 100_000 // shrink)
            again = [sys.executable, __file__, "--stored", root, *(["--quick"] if options.quick else [])]
            start = time.perf_counter()
            subprocess.run(again, check=True)
            print(f"  the whole process: {time.perf_counter() - start:.2f} s", flush=True)
    if "precision" in wanted:
        compare_precision(bench_prompts(options.prompts, 5_000 // shrink))
    if "gpu" in wanted:
        from tests.bench.bench_embeddings_gpu import compare_on_gpu

        compare_on_gpu(shrink)


if __name__ == "__main__":
    main()
