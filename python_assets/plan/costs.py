"""What a run would take: time and disk, roughly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from python_assets.embeddings.speed import Speed
from python_assets.plan.datasets import DatasetPlan
from python_assets.plan.texts import TextPlan

# Rough: loading as measured on one core, below its speed with long rows; the rest as in a run of 60,000 rows.
DOWNLOAD_BYTES_PER_SECOND = 20e6
LOAD_BYTES_PER_SECOND = 30e6
OTHER_ROWS_PER_SECOND = 2_000
STARTING_SECONDS = 60.0
# Rows by the bytes of their files, and raw tables, which hold a record's text beside its columns.
PLAIN, COMPRESSED = (1, 2), (3, 3)
# Five of the files of a folder hold whole rows or most of them, and two a part.
OUTPUTS_PER_ROW_BYTE = 5
USUAL_DIMENSION = 1024
_BYTES_OF_NUMBER = 4
_PLAIN_SUFFIXES = (".csv", ".json", ".jsonl")


@dataclass(frozen=True)
class Cost:
    """What a type takes, beside what its datasets take, which may feed another type as well.

    Attributes
    ----------
    embed_seconds : float or None
        None where nobody has measured the model.
    other_seconds : float
        For SQL, clusters and files.
    vector_bytes, output_bytes : int
        New on the disk.
    """

    embed_seconds: float | None
    other_seconds: float
    vector_bytes: int
    output_bytes: int


def estimate(
    datasets: Sequence[DatasetPlan],
    texts: TextPlan,
    *,
    speed: Speed | None,
    dimension: int | None,
    writes_embeddings: bool,
    outputs_before: int,
    outputs_alike: int,
) -> Cost:
    """Estimate what a type takes.

    Parameters
    ----------
    datasets : sequence of DatasetPlan
        Of those that feed the type.
    texts : TextPlan
    speed : Speed or None
        Of the model.
    dimension : int or None
        Of its vectors.
    writes_embeddings : bool
    outputs_before : int
        Bytes of the files that the run replaces.
    outputs_alike : int
        Bytes of the files of some eps that are there.
    """
    vector = _BYTES_OF_NUMBER * (dimension or USUAL_DIMENSION)
    outputs = OUTPUTS_PER_ROW_BYTE * sum(plan.n_bytes * _growth(plan)[0] for plan in datasets)
    if outputs_alike and not texts.rows_change:
        outputs = outputs_alike
    vectors_written = vector * texts.n_texts if writes_embeddings else 0
    return Cost(
        embed_seconds=_embed_seconds(texts, speed),
        other_seconds=sum(plan.n_rows for plan in datasets) / OTHER_ROWS_PER_SECOND,
        vector_bytes=vector * texts.n_to_embed,
        output_bytes=max(0, outputs + vectors_written - outputs_before),
    )


def size_of(*directories: Path) -> int:
    """Return the bytes of all files below some directories."""
    return sum(path.stat().st_size for directory in directories for path in directory.rglob("*") if path.is_file())


def table_bytes(plan: DatasetPlan) -> int:
    """Return about how many bytes a dataset's raw table takes."""
    return plan.n_bytes * _growth(plan)[1]


def _growth(plan: DatasetPlan) -> tuple[int, int]:
    names = [file["name"] for file in plan.described["files"]] if plan.described else []
    return PLAIN if names and all(name.endswith(_PLAIN_SUFFIXES) for name in names) else COMPRESSED


def _embed_seconds(texts: TextPlan, speed: Speed | None) -> float | None:
    if not texts.n_to_embed:
        return 0.0
    if speed is None:
        return None
    if texts.n_characters is not None:
        return texts.n_characters * speed.seconds / speed.characters
    return texts.n_to_embed * speed.seconds / speed.texts
