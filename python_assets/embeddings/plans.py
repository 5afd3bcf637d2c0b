"""What a run is going to embed, written down before its first text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from python_assets.embeddings.batching import IntArray
from python_assets.files import write_aside

_PLAN = re.compile(r"plan-(\d{6})\.parquet")
_BATCH_TOKENS = b"batch_tokens"


@dataclass(frozen=True)
class PlannedShard:
    """A shard that is to be computed, or was.

    Attributes
    ----------
    number : int
    keys : list of str
        Its texts, in the order in which they are computed and stored.
    batch_tokens : int
        Tokens of a batch. With the keys it decides every batch, so that a shard that is computed
        again has the same bits.
    """

    number: int
    keys: list[str]
    batch_tokens: int


def write_plan(directory: Path, first_number: int, shards: Sequence[Sequence[str]], batch_tokens: int) -> Path:
    """Write which texts make which shards, numbered from `first_number` on."""
    path = directory / f"plan-{first_number:06d}.parquet"
    table = pa.table(
        {
            "text_key": pa.array([key for keys in shards for key in keys], pa.string()),
            "shard": np.repeat(
                np.arange(first_number, first_number + len(shards), dtype=np.int32), [len(keys) for keys in shards]
            ),
        }
    )
    with write_aside(path) as aside:
        pq.write_table(table.replace_schema_metadata({_BATCH_TOKENS: str(batch_tokens)}), aside, compression="zstd")
    return path


def read_plans(directory: Path, stored: set[int]) -> list[PlannedShard]:
    """Return the planned shards that are not stored, in the order in which they are computed."""
    pending = []
    for path in _plans(directory):
        table = pq.read_table(path)
        numbers: IntArray = table["shard"].to_numpy()
        starts = np.flatnonzero(np.diff(numbers, prepend=-1))
        for start, stop in zip(starts, [*starts[1:], len(numbers)], strict=True):
            if int(numbers[start]) not in stored:
                keys = table["text_key"].slice(start, stop - start).to_pylist()
                pending.append(PlannedShard(int(numbers[start]), keys, int(table.schema.metadata[_BATCH_TOKENS])))
    return pending


def next_number(directory: Path, stored: set[int]) -> int:
    """Return the number of the next shard that is planned."""
    planned = [int(pq.read_table(path, columns=["shard"])["shard"][-1].as_py()) for path in _plans(directory)]
    return max([*planned, *stored], default=-1) + 1


def _plans(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob("plan-*") if _PLAN.fullmatch(path.name))
