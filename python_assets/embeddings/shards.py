"""One shard: a Parquet file of vectors that is complete or absent, and checked when it is read."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from python_assets.embeddings.encoded import EncodedTexts
from python_assets.files import write_aside

logger = logging.getLogger(__name__)

SCHEMA = {
    "text_key": "VARCHAR",
    "embedding": "FLOAT[]",
    "n_tokens": "INTEGER",
    "n_unknown": "INTEGER",
    "is_truncated": "BOOLEAN",
}


class BrokenShardError(Exception):
    """A shard cannot be read."""


def write_shard(path: Path, keys: Sequence[str], encoded: EncodedTexts) -> None:
    """Write a shard aside, sync it to disk, and put it in its place."""
    dimension = encoded.vectors.shape[1]
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(encoded.vectors.reshape(-1), pa.float32()), dimension)
    columns = (
        pa.array(keys, pa.string()),
        vectors,
        pa.array(encoded.n_tokens),
        pa.array(encoded.n_unknown),
        pa.array(encoded.is_truncated),
    )
    with write_aside(path) as aside:
        pq.write_table(
            pa.table(dict(zip(SCHEMA, columns, strict=True))),
            aside,
            # unit vectors do not compress, and plain pages are read at the speed of the disk
            compression="none",
            use_dictionary=False,
            write_statistics=False,
            write_page_checksum=True,
        )


def read_keys(path: Path, *, set_aside: bool = True) -> pa.ChunkedArray:
    """Return the keys of a shard's texts.

    Raises
    ------
    BrokenShardError
        The shard is corrupt; with `set_aside` it is now called ``*.corrupt``.
    """
    return _read(path, ["text_key"], set_aside)["text_key"]


def read_shard(path: Path) -> EncodedTexts:
    """Return what a shard holds.

    Raises
    ------
    BrokenShardError
        The shard is corrupt; it is now called ``*.corrupt``.
    """
    table = _read(path, list(SCHEMA)[1:])
    flat: npt.NDArray[np.float32] = table["embedding"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return EncodedTexts(
        flat.reshape(len(table), -1),
        table["n_tokens"].to_numpy(),
        table["n_unknown"].to_numpy(),
        table["is_truncated"].to_numpy(),
    )


def _read(path: Path, columns: list[str], set_aside: bool = True) -> pa.Table:
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            if file.schema_arrow.names != list(SCHEMA):
                raise pa.ArrowInvalid(f"its columns are {file.schema_arrow.names}")
            return file.read(columns=columns, use_threads=False)
    except (FileNotFoundError, PermissionError):
        raise
    except (pa.ArrowException, OSError) as error:
        if set_aside:
            aside = path.with_name(path.name + ".corrupt")
            path.replace(aside)
            logger.warning("%s is corrupt (%s); it is now %s and will be computed again", path, error, aside.name)
        raise BrokenShardError(str(path)) from error
