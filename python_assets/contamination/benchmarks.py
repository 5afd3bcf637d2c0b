"""Benchmarks: known by name or given as files, and the items that they ask."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from python_assets.errors import SettingsError
from python_assets.sources.registry import Dataset

SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".parquet": "parquet"}
COMPRESSIONS = (".gz", ".zst")
_NAMED = re.compile(r"(?P<name>[\w.-]+)=(?P<rest>.+)", re.DOTALL)


@dataclass(frozen=True)
class Benchmark:
    """Where the items of a benchmark are.

    Attributes
    ----------
    name : str
        By which the tables name it.
    dataset : Dataset
        Its files; it feeds no type.
    column : str or None
        That holds the text of an item; None: the first of `items.TEXT_COLUMNS` that there is.
    path : Path or None
        A file of the user's; None: wherever datasets come from.
    """

    name: str
    dataset: Dataset
    column: str | None
    path: Path | None = None

    def origin(self) -> str:
        """Return what tells its items from others: the sha256 of the file, or the repository and its revision."""
        if self.path is None:
            return f"{self.dataset.repo}@{self.dataset.revision}"
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _on_the_hub(name: str, repo: str, files: str, data_format: str, column: str, licence: str) -> Benchmark:
    return Benchmark(name, _dataset(name, repo, data_format, (files,), licence), column)


def _dataset(name: str, repo: str, data_format: str, files: tuple[str, ...], licence: str) -> Dataset:
    return Dataset(
        table="items",
        dataset=f"benchmark {name}",
        repo=repo,
        revision="main",
        config="default",
        split="test",
        format=data_format,
        files=files,
        licence=licence,
        gated=False,
        feeds={},
        columns={},
        description="",
    )


KNOWN = {
    benchmark.name: benchmark
    for benchmark in (
        _on_the_hub("gsm8k", "openai/gsm8k", "main/test-*.parquet", "parquet", "question", "MIT"),
        _on_the_hub("math", "EleutherAI/hendrycks_math", "*/test-*.parquet", "parquet", "problem", "MIT"),
        _on_the_hub("aime24", "math-ai/aime24", "test-*.parquet", "parquet", "problem", "Apache-2.0"),
        _on_the_hub("aime25", "MathArena/aime_2025", "data/train-*.parquet", "parquet", "problem", "CC-BY-NC-SA-4.0"),
        _on_the_hub(
            "humaneval", "openai/openai_humaneval", "openai_humaneval/test-*.parquet", "parquet", "prompt", "MIT"
        ),
        _on_the_hub("mmlu", "cais/mmlu", "all/test-*.parquet", "parquet", "question", "MIT"),
    )
}


def parse_benchmarks(specs: Sequence[str]) -> list[Benchmark]:
    """Read what the settings say of benchmarks.

    Parameters
    ----------
    specs : sequence of str
        A name of `KNOWN`, or ``[name=]path[::column]``; the name is by default that of the file, without its suffix.

    Raises
    ------
    SettingsError
        One is neither known nor a file of a known format, or two have one name.
    """
    found = [KNOWN.get(spec) or _from_file(spec) for spec in specs]
    names = [benchmark.name for benchmark in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SettingsError(f"benchmarks: {', '.join(twice)} is named twice; write other-name=path")
    return found


def _from_file(spec: str) -> Benchmark:
    named = _NAMED.fullmatch(spec)
    location, _, column = (named["rest"] if named and not Path(spec).exists() else spec).partition("::")
    path = Path(location).expanduser()
    bare = path.with_suffix("") if path.suffix in COMPRESSIONS else path
    name = named["name"] if named and not Path(spec).exists() else bare.stem
    if not path.is_file():
        raise SettingsError(
            f"benchmarks: {spec} is no file and none of {', '.join(KNOWN)}; "
            "write one of these, or [name=]path[::column]"
        )
    if bare.suffix not in SUFFIXES:
        raise SettingsError(f"benchmarks: {path} must end in {', '.join(SUFFIXES)}, with .gz or .zst behind at most")
    resolved = path.resolve()
    return Benchmark(name, _dataset(name, "", SUFFIXES[bare.suffix], (resolved.name,), ""), column or None, resolved)
