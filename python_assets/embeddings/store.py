"""The store of vectors: Parquet shards by model, one row per text, each text embedded once."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_assets.embeddings.batching import IntArray
from python_assets.embeddings.encoded import EncodedTexts
from python_assets.embeddings.shards import BrokenShardError, read_keys, read_shard, write_shard
from python_assets.errors import ModelError, StoreError
from python_assets.files import write_aside

logger = logging.getLogger(__name__)

_SHARD = re.compile(r"shard-(\d{6})\.parquet")
_LOCK_POLL_SECONDS = 0.2
_LOCK_REMINDER_SECONDS = 60.0


@dataclass(frozen=True)
class StoredKeys:
    """Where each stored text is.

    Attributes
    ----------
    shards : list of Path
    starts : ndarray of int64, shape (number of shards + 1,)
        The first row of each shard among all rows.
    keys : pyarrow.ChunkedArray
        The key of every row, shard by shard.
    """

    shards: list[Path]
    starts: IntArray
    keys: pa.ChunkedArray

    def find(self, keys: Sequence[str] | pa.Array) -> IntArray:
        """Return the row of each key among all rows, the first where there are two; -1 where there is none."""
        wanted = keys if isinstance(keys, pa.Array) else pa.array(keys, pa.string())
        found = pc.fill_null(pc.index_in(wanted, value_set=self.keys), -1)
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


class EmbeddingStore:
    """The vectors of one model.

    Parameters
    ----------
    root : Path
        Directory of all models' vectors.
    key : str
        The model's key, see `python_assets.embeddings.identity.ModelIdentity.key`.

    Notes
    -----
    A shard is a Parquet file with the columns ``text_key`` (sha256 of the text), ``embedding``
    (fixed-size list of float32), ``n_tokens``, ``n_unknown`` and ``is_truncated``. Beside the shards
    lie the plans by which they are computed and ``model.json``, which says what the key stands for.
    """

    def __init__(self, root: Path, key: str) -> None:
        self.directory = root / key

    def shard_path(self, number: int) -> Path:
        """Return where a shard is or will be."""
        return self.directory / f"shard-{number:06d}.parquet"

    def shards(self) -> dict[int, Path]:
        """Return the shards by their numbers, in ascending order."""
        found = ((_SHARD.fullmatch(path.name), path) for path in sorted(self.directory.glob("shard-*")))
        return {int(match[1]): path for match, path in found if match}

    def index(self, *, set_aside: bool = True) -> StoredKeys:
        """Read which texts are stored; a corrupt shard counts as absent, and with `set_aside` is renamed."""
        shards, keys = [], []
        for path in self.shards().values():
            try:
                keys.append(read_keys(path, set_aside=set_aside))
            except BrokenShardError:
                continue
            shards.append(path)
        chunks = [chunk for column in keys for chunk in column.chunks]
        starts = np.cumsum([0, *(len(column) for column in keys)])
        return StoredKeys(shards, starts, pa.chunked_array(chunks, pa.string()))

    def write(self, number: int, keys: Sequence[str], encoded: EncodedTexts) -> None:
        """Write a shard.

        Raises
        ------
        StoreError
            The disk is full or refuses; what was stored before stays.
        """
        path = self.shard_path(number)
        try:
            write_shard(path, keys, encoded)
        except OSError as error:
            raise StoreError(
                f"{path} cannot be written ({error}); the shards before it are kept, so a further run goes on there"
            ) from error

    def read(self, keys: Sequence[str]) -> EncodedTexts:
        """Return what is stored of the given texts, in the order of their keys.

        Notes
        -----
        Memory: the result, n * dimension * 4 bytes, and one shard.
        """
        result: EncodedTexts | None = None
        for target, part in self.parts(keys):
            if result is None:
                result = EncodedTexts.empty(len(keys), part.vectors.shape[1])
            for name in ("vectors", "n_tokens", "n_unknown", "is_truncated"):
                getattr(result, name)[target] = getattr(part, name)
        return result if result is not None else EncodedTexts.empty(0, 0)

    def parts(self, keys: Sequence[str] | pa.Array) -> Iterator[tuple[IntArray, EncodedTexts]]:
        """Yield what is stored of the given texts shard by shard, with their positions among `keys`.

        Raises
        ------
        StoreError
            A text is not stored, or a shard turned out to be corrupt.
        """
        stored = self.index()
        rows = stored.find(keys)
        if (rows < 0).any():
            raise StoreError(f"{np.count_nonzero(rows < 0)} texts have no vector in {self.directory}; embed them first")
        by_row = np.argsort(rows, kind="stable")
        bounds = np.searchsorted(rows[by_row], stored.starts)
        for shard, start, first, last in zip(stored.shards, stored.starts, bounds, bounds[1:], strict=False):
            if first == last:
                continue
            target = by_row[first:last]
            try:
                part = read_shard(shard)
            except BrokenShardError as error:
                raise StoreError(f"{error} was corrupt and has been set aside; embed its texts again") from None
            yield target, part[rows[target] - start]

    def remember_model(self, described: dict[str, Any], loaded: dict[str, Any]) -> None:
        """Write down what the key stands for and what was loaded for it, or compare the latter with what is written.

        Raises
        ------
        ModelError
            The stored vectors are those of another model.
        """
        if about := self._model():
            before = about["loaded"]
            for name, value in loaded.items():
                if before.get(name) != value:
                    raise ModelError(
                        f"the {name} of the model is {value}, but the vectors in {self.directory} were made with "
                        f"{before.get(name)}; name that revision, or move the folder away"
                    )
            return
        with write_aside(self.directory / "model.json") as aside:
            content = {**described, "loaded": loaded}
            aside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def dimension(self) -> int | None:
        """Return the length of the stored vectors; None where nothing is stored."""
        about = self._model()
        return about["loaded"].get("dimension") if about else None

    def _model(self) -> dict[str, Any] | None:
        path = self.directory / "model.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store for writing; wait while another process does.

        The lock ends with its process; what that left unfinished is removed.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / ".lock").open("a+") as file:
            told = 0.0
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() - told > _LOCK_REMINDER_SECONDS:
                        file.seek(0)
                        logger.warning("%s is written by process %s; waiting for it", self.directory, file.read())
                        told = time.monotonic()
                    time.sleep(_LOCK_POLL_SECONDS)
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            for unfinished in self.directory.glob(".*.part"):
                unfinished.unlink()
            yield
