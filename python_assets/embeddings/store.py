"""The store of vectors: Parquet shards by model, one row per text, each text embedded once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from python_assets.embeddings.embedder import Embedder, EncodedTexts
from python_assets.files import write_aside
from python_assets.warehouse import replace_view

SHARD_TEXTS = 4_096
_SHARD = re.compile(r"shard-(\d{6})\.parquet")


class EmbeddingStore:
    """The vectors of one model.

    Parameters
    ----------
    root : Path
        Directory of all models' vectors.
    key : str
        The model's key, see `python_assets.embeddings.embedder.model_key`.

    Notes
    -----
    A shard is a Parquet file with the columns ``text_key`` (sha256 of the text), ``embedding``
    (fixed-size list of float32), ``n_tokens``, ``n_unknown`` and ``is_truncated``. It is written
    aside and renamed, so it is complete or absent.
    """

    def __init__(self, root: Path, key: str) -> None:
        self.directory = root / key

    def shards(self) -> list[Path]:
        """Return the shards in the order in which they were written."""
        return sorted(p for p in self.directory.glob("shard-*") if _SHARD.fullmatch(p.name))

    def keys(self) -> set[str]:
        """Return the keys of all stored texts."""
        found: set[str] = set()
        for shard in self.shards():
            found.update(pq.read_table(shard, columns=["text_key"])["text_key"].to_pylist())
        return found

    def append(self, keys: Sequence[str], encoded: EncodedTexts) -> Path:
        """Write one more shard.

        Parameters
        ----------
        keys : sequence of str, length n
        encoded : EncodedTexts
            Of the n texts with these keys.
        """
        shards = self.shards()
        number = int(_SHARD.fullmatch(shards[-1].name)[1]) + 1 if shards else 0  # type: ignore[index]
        path = self.directory / f"shard-{number:06d}.parquet"
        flat = pa.array(encoded.vectors.reshape(-1), pa.float32())
        table = pa.table(
            {
                "text_key": pa.array(keys, pa.string()),
                "embedding": pa.FixedSizeListArray.from_arrays(flat, encoded.vectors.shape[1]),
                "n_tokens": pa.array(encoded.n_tokens),
                "n_unknown": pa.array(encoded.n_unknown),
                "is_truncated": pa.array(encoded.is_truncated),
            }
        )
        with write_aside(path) as aside:
            pq.write_table(table, aside, compression="zstd")
        return path

    def read(self, keys: Sequence[str]) -> EncodedTexts:
        """Return what is stored of the given texts, in the order of their keys.

        Raises
        ------
        KeyError
            A key is not stored.

        Notes
        -----
        Memory: the result, n * dimension * 4 bytes, and one shard.
        """
        place = {key: index for index, key in enumerate(keys)}
        result: EncodedTexts | None = None
        found = np.zeros(len(keys), dtype=bool)
        for shard in self.shards():
            table = pq.read_table(shard)
            stored = table["text_key"].to_pylist()
            rows = [row for row, key in enumerate(stored) if key in place]
            target = np.array([place[stored[row]] for row in rows], dtype=np.int64)
            vectors = _vectors(table)
            if result is None:
                result = _allocate(len(keys), vectors.shape[1])
            result.vectors[target] = vectors[rows]
            for name in ("n_tokens", "n_unknown", "is_truncated"):
                getattr(result, name)[target] = table[name].to_numpy()[rows]
            found[target] = True
        if not found.all():
            raise KeyError(f"{np.count_nonzero(~found)} texts are not in {self.directory}")
        return result if result is not None else _allocate(0, 0)


def embed_missing(
    store: EmbeddingStore,
    keys: Sequence[str],
    read_texts: Callable[[Sequence[str]], Sequence[str]],
    make_embedder: Callable[[], Embedder],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Embed the texts that the store does not hold yet, shard by shard.

    Parameters
    ----------
    store : EmbeddingStore
    keys : sequence of str
        Distinct keys of the texts wanted.
    read_texts : callable
        Returns the texts of some keys, in their order; called once per shard.
    make_embedder : callable
        Loads the model; not called when nothing is missing.
    progress : callable
        Called with the number of texts done and the number of texts missing at the start.

    Returns
    -------
    int
        Number of texts embedded.
    """
    stored = store.keys()
    missing = [key for key in keys if key not in stored]
    if not missing:
        return 0
    embedder = make_embedder()
    progress(0, len(missing))
    for done, chunk in _chunks(missing, SHARD_TEXTS):
        store.append(chunk, embedder.encode(read_texts(chunk)))
        progress(done + len(chunk), len(missing))
    return len(missing)


def _chunks(values: Sequence[str], size: int) -> Iterator[tuple[int, Sequence[str]]]:
    for start in range(0, len(values), size):
        yield start, values[start : start + size]


def _vectors(table: pa.Table) -> npt.NDArray[np.float32]:
    column = table["embedding"].combine_chunks()
    flat: npt.NDArray[np.float32] = column.flatten().to_numpy(zero_copy_only=False)
    return flat.reshape(len(table), -1)


def _allocate(n: int, dimension: int) -> EncodedTexts:
    return EncodedTexts(
        np.zeros((n, dimension), dtype=np.float32),
        np.zeros(n, dtype=np.int32),
        np.zeros(n, dtype=np.int32),
        np.zeros(n, dtype=bool),
    )


def create_views(connection: duckdb.DuckDBPyConnection, type_name: str, store: EmbeddingStore) -> None:
    """Show a store as ``ml.embeddings``, and a type's part of it as ``ml.<type>_embeddings``."""
    files = ", ".join("'" + str(shard).replace("'", "''") + "'" for shard in store.shards())
    source = (
        f"SELECT * FROM read_parquet([{files}])"
        if files
        else "SELECT NULL::VARCHAR AS text_key, NULL::FLOAT[] AS embedding, NULL::INTEGER AS "
        "n_tokens, NULL::INTEGER AS n_unknown, NULL::BOOLEAN AS is_truncated WHERE false"
    )
    replace_view(connection, "ml", "embeddings", source)
    replace_view(
        connection,
        "ml",
        f"{type_name}_embeddings",
        f"SELECT * FROM ({source}) SEMI JOIN intermediate.int_{type_name}_texts USING (text_key)",
    )
