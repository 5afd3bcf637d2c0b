"""
Run the whole job on many generated rows under a memory limit, and say what each stage took.

    python tests/bench/bench_memory.py --rows 2000000 --memory 8GB

The rows have the form of CodeFeedback-Filtered-Instruction, every tenth is a repeated one. The embedding model is
the first layer of all-MiniLM-L6-v2: what is measured is memory, which depends on the texts, the length of the
vectors and the tables, not on how well the vectors tell texts apart.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import deque
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

REPO_DIR = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO_DIR))

from python_assets.embeddings.folders import packaged  # noqa: E402
from python_assets.embeddings.presets import MINILM, find_preset  # noqa: E402
from python_assets.sources.registry import load_registry  # noqa: E402
from tests.conftest import environment  # noqa: E402

DATASET = next(dataset for dataset in load_registry() if dataset.table == "codefeedback_filtered_instruction")
STAGE = re.compile(
    r"(?P<name>[^:]+(?:: [a-z ]+)?): (?P<rows>(?:\d+ rows (?:in|out), )*)(?P<seconds>[\d.]+) s, peak memory "
    r"(?P<own>\d+) MiB(?:, of the process it started (?P<child>\d+) MiB)?$"
)
_WORDS = [
    first + second for first in ("ba", "ki", "lo", "mu", "re", "sa", "to") for second in ("den", "fil", "gor", "nap")
]
_WORDS_EACH = 12


def make_rows(path: Path, n: int) -> None:
    """Write n rows as JSON Lines."""
    rng = np.random.default_rng(0)
    path.parent.mkdir(parents=True)
    words = np.array(_WORDS)
    number = np.where(rng.random(n) < 0.1, rng.integers(0, n, n), np.arange(n))
    with path.open("w", encoding="utf-8") as file:
        for k in number.tolist():
            chosen = words[np.random.default_rng(k).integers(0, len(words), _WORDS_EACH)]
            query = f"Write a story in which these occur: {', '.join(chosen)}, and the number {k}."
            answer = f"Here is how to do it for case {k}. " * 8
            file.write(json.dumps({"query": query, "answer": answer, "resource": "made", "lang": "en"}) + "\n")


def save_model(path: Path) -> Path:
    """Save the first layer of the model that the project carries, with its tokenizer and pooling."""
    preset = find_preset(MINILM)
    assert preset is not None
    assert preset.package is not None
    model = SentenceTransformer(str(packaged(preset.package, preset.revision)), device="cpu")
    encoder = model[0].auto_model
    encoder.encoder.layer = encoder.encoder.layer[:1]
    encoder.config.num_hidden_layers = 1
    model.save(str(path))
    return path


def report(root: Path, settings: dict[str, object], memory: str) -> None:
    """Run the job and print a line for each stage of a second or more as soon as it is over."""
    last: deque[str] = deque(maxlen=30)
    with subprocess.Popen(
        [sys.executable, "-m", "dagster_defs.run", "--type", "sft", "--settings", json.dumps(settings)],
        cwd=REPO_DIR,
        env={**environment(root / "raw", root / "warehouse"), "MEMORY_LIMIT": memory},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            last.append(line)
            found = STAGE.match(line.rstrip().split(" ", 1)[-1])
            if found and float(found["seconds"]) >= 1:
                child = f", dbt {found['child']}" if found["child"] else ""
                print(f"  {found['name']:45s} {float(found['seconds']):8.1f} s  {found['own']:>6s}{child}", flush=True)
    if process.returncode:
        raise SystemExit("".join(last))


def main() -> None:
    """Make the rows, run the job, print a line for each stage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--memory", default="8GB")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the rows")
    options = parser.parse_args()
    n = options.rows // (20 if options.quick else 1)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        make_rows(root / "raw" / DATASET.repo / "CodeFeedback-Filtered-Instruction.jsonl", n)
        model = save_model(root / "model")
        print(f"{n} rows, MEMORY_LIMIT={options.memory}; peak memory in MiB", flush=True)
        report(root, {"model": str(model), "eps": 0.02, "eps_max": 0.02, "batch_tokens": 65_536}, options.memory)


if __name__ == "__main__":
    main()
