"""A tiny model whose vectors depend on the batch in their last bits, as real ones do, and texts for it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from python_assets.embeddings.embed import embed_missing
from python_assets.embeddings.encoder import Encoder
from python_assets.embeddings.models import TokenIds
from python_assets.embeddings.store import EmbeddingStore

BATCH_TOKENS = 256


class CharModel:
    """One token per character; `?` is unknown. The width of its batch shows in a vector's last digits."""

    device = "cpu"
    dimension = 8
    revision = "one"
    head = np.array([1], dtype=np.int64)
    tail = np.array([2], dtype=np.int64)
    max_content = 30
    unknown_token = ord("?")

    def __init__(self, fits: int = 10**9) -> None:
        self.fits = fits
        self.batches: list[int] = []

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [[ord(character) for character in text] for text in texts]

    def embed(self, sequences: Sequence[TokenIds]) -> torch.Tensor:
        if len(sequences) > self.fits:
            raise torch.OutOfMemoryError
        self.batches.append(len(sequences))
        width = max(len(ids) for ids in sequences)
        rows = []
        for ids in sequences:
            rng = np.random.default_rng(ids)
            rows.append(rng.standard_normal(self.dimension) + 1e-6 * width)
        return torch.nn.functional.normalize(torch.tensor(np.array(rows), dtype=torch.float32), dim=1)


class DictTexts:
    """Texts in memory."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.by_key = {hashlib.sha256(text.encode()).hexdigest(): text for text in texts}

    @property
    def keys(self) -> list[str]:
        return list(self.by_key)

    def lengths(self, keys: Sequence[str]) -> list[int]:
        return [len(self.by_key[key]) if key in self.by_key else -1 for key in keys]

    def read(self, keys: Sequence[str]) -> list[str]:
        return [self.by_key[key] for key in keys]


def random_texts(n: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    return [f"{seed} {i} " + "".join(rng.choices("abcdefgh ", k=rng.randrange(1, 20))) for i in range(n)]


def embed(
    root: Path,
    texts: DictTexts,
    make_encoder: Callable[[], Encoder] = lambda: Encoder([CharModel()], "cut"),
    batch_tokens: int = BATCH_TOKENS,
) -> int:
    store = EmbeddingStore(root, "toy")
    return embed_missing(store, texts.keys, texts, make_encoder, batch_tokens=batch_tokens, described={"name": "toy"})


def no_model() -> Encoder:
    raise AssertionError("the model was loaded")


def shard_bytes(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((root / "toy").glob("*.parquet"))}
