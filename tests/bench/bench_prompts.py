"""Prompts for the benchmark: real ones from a file, or generated ones with rewordings."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow.parquet as pq

_OPENINGS = ("How do I", "What is the best way to", "Please explain how to", "Can you show me how to", "I want to")
_VERBS = ("sort", "draw", "repair", "translate", "measure", "compare", "describe", "test", "store", "plan", "price")
_THINGS = (
    "a list of names in Python", "a bicycle chain", "the area of a circle", "a short story about the sea",
    "two contracts in French", "the growth of tomato plants", "a backup of my photos", "a wedding for fifty guests",
    "the noise of a washing machine", "an old radio", "three kinds of bread dough", "a table of prime numbers",
)  # fmt: skip
_ENDINGS = ("", " step by step", " without special tools", " in under an hour", " for a beginner", " on a small budget")
_CONTEXT = (
    "My teacher asked for it.", "I have tried twice already.", "Keep it short.", "Give reasons for each step.",
    "The result goes to a customer.", "Use simple words.", "I live in a small flat.", "There are two of us.",
)  # fmt: skip


def bench_prompts(path: Path | None, n: int) -> list[str]:
    """Return n distinct prompts, the same on every call."""
    rng = random.Random(0)
    if path is not None:
        found = list(dict.fromkeys(pq.read_table(path, columns=["prompt"])["prompt"].to_pylist()))
        return rng.sample(found, min(n, len(found)))
    prompts: dict[str, None] = {}
    while len(prompts) < n:
        question = f"{rng.choice(_OPENINGS)} {rng.choice(_VERBS)} {rng.choice(_THINGS)}{rng.choice(_ENDINGS)}?"
        context = rng.sample(_CONTEXT, rng.choice((0, 0, 1, 2, 4)))
        prompts[" ".join([question, *context])] = None
    return list(prompts)
