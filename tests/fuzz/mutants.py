"""A mutant of a file, drawn from all mutations of its format."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

from tests.fuzz import parquet_mutations, spans, text_mutations
from tests.fuzz.text_mutations import Mutant


def mutate(rng: random.Random, file: Path, file_format: str) -> tuple[str, Mutant]:
    """Return a mutation's name and the mutant of a file."""
    if file_format == "parquet":
        while True:
            kind = _chosen(rng, parquet_mutations.WEIGHTS)
            with suppress(pa.ArrowException):  # not every column can be written with every setting
                return kind, parquet_mutations.MUTATIONS[kind](rng, file.read_bytes())
    if rng.random() < (0.3 if file.suffix in (".gz", ".zst") else 0.05):
        return "compressed", _compressed(rng, file)
    kind = _chosen(rng, text_mutations.WEIGHTS)
    return kind, text_mutations.MUTATIONS[kind](rng, spans.unpacked(file), file_format)


def _chosen(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def _compressed(rng: random.Random, file: Path) -> Mutant:
    content, plain = file.read_bytes(), spans.unpacked(file)
    changed = bytearray(content)
    changed[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    choices = [
        bytes(changed),
        content[: rng.randrange(len(content))],
        content + b"more",
        content + b"\0" * 100,
        plain,
        spans.packed(plain, Path("a.gz")),
        spans.packed(plain, Path("a.zst")),
        spans.packed(plain, Path("a.gz"))[:-8],
    ]
    return Mutant(rng.choice(choices), is_packed=True)
