"""Turn texts into unit vectors, and know what the model could read of them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from python_assets.embeddings.presets import find_preset
from python_assets.errors import ModelError, SettingsError

MAX_UNKNOWN_SHARE = 0.1


@dataclass(frozen=True)
class EncodedTexts:
    """What a model made of n texts.

    Attributes
    ----------
    vectors : ndarray of float32, shape (n, dimension)
        Rows of unit Euclidean norm.
    n_tokens, n_unknown : ndarray of int32, shape (n,)
        Tokens of the whole text without special ones, and how many of them are unknown.
    is_truncated : ndarray of bool, shape (n,)
        Whether the model saw only the head of the text.
    """

    vectors: npt.NDArray[np.float32]
    n_tokens: npt.NDArray[np.int32]
    n_unknown: npt.NDArray[np.int32]
    is_truncated: npt.NDArray[np.bool_]


class Embedder(Protocol):
    """Anything that turns texts into unit vectors."""

    dimension: int

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Encode texts, in their order."""
        ...


def is_comparable(
    n_tokens: npt.NDArray[np.int32],
    n_unknown: npt.NDArray[np.int32],
    is_truncated: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Tell which texts may merge by their vectors: those that the model read and saw whole.

    A text with more than 10% unknown tokens, without any token, or cut off at the model's maximum
    length is not comparable: its vector says too little of it.
    """
    readable = (n_tokens > 0) & (n_unknown <= MAX_UNKNOWN_SHARE * n_tokens)
    return readable & ~is_truncated


def default_eps(model: str) -> float:
    """Return the default Euclidean eps of a model.

    Raises
    ------
    SettingsError
        The model is no preset, so that no default is known.
    """
    preset = find_preset(model)
    if preset is None:
        raise SettingsError(f"no default eps is known for the model {model}; set eps")
    return preset.eps


def model_key(model: str) -> str:
    """Name a model's vectors: the same key means that vectors may be compared and reused.

    Parameters
    ----------
    model : str
        A preset's name, a directory, or an id on the Hub (``org/name`` or ``org/name@revision``).
    """
    preset = find_preset(model)
    name = f"{model}@{preset.revision}" if preset else model
    return re.sub(r"[^A-Za-z0-9.@_-]+", "--", name).strip("-.")


class SentenceTransformerEmbedder:
    """A sentence-transformers model.

    Parameters
    ----------
    model : str
        A preset's name, a directory, or an id on the Hub (``org/name`` or ``org/name@revision``).
    device : str, optional
        A torch device; by default the best one of the machine.
    batch_size : int
        Texts per forward pass.

    Raises
    ------
    ModelError
        The model cannot be loaded; the message says why.
    SettingsError
        The device does not exist.
    """

    def __init__(self, model: str, device: str | None = None, batch_size: int = 32) -> None:
        self._model = _load(model, device)
        self._batch_size = batch_size
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise ModelError(f"{model}: its embedding dimension is unknown")
        self.dimension = int(dimension)

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Encode texts, in their order; a longer text than the model's maximum is cut off."""
        n_tokens, n_unknown = self._count_tokens(texts)
        vectors = self._model.encode(
            list(texts),
            batch_size=self._batch_size,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return EncodedTexts(
            np.asarray(vectors, dtype=np.float32),
            n_tokens,
            n_unknown,
            n_tokens > self._max_tokens(),
        )

    def _max_tokens(self) -> int:
        tokenizer: Any = self._model.tokenizer
        limit = self._model.get_max_seq_length() or tokenizer.model_max_length
        return int(limit) - int(tokenizer.num_special_tokens_to_add())

    def _count_tokens(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        tokenizer: Any = self._model.tokenizer
        token_ids = tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)["input_ids"]
        unknown = tokenizer.unk_token_id
        return (
            np.array([len(ids) for ids in token_ids], dtype=np.int32),
            np.array([ids.count(unknown) for ids in token_ids], dtype=np.int32),
        )


def _load(model: str, device: str | None) -> Any:
    preset = find_preset(model)
    path = str(preset.locate()) if preset else model
    revision = None
    if preset is None and not Path(model).is_dir() and "@" in model:
        path, revision = model.split("@", 1)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if device and device.startswith("cuda") and not torch.cuda.is_available():
        raise SettingsError(f"device is {device}, but this machine has no usable CUDA device")
    try:
        return SentenceTransformer(path, device=device, revision=revision, trust_remote_code=False)
    except (OSError, ValueError, RuntimeError) as error:
        first_line = str(error).strip().splitlines()[0]
        raise ModelError(f"the model {model} cannot be loaded: {first_line}") from error
