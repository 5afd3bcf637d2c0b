"""A loaded model: token sequences in, unit vectors out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from python_assets.embeddings.batching import padded_length
from python_assets.embeddings.hardware import BFLOAT16
from python_assets.embeddings.identity import ModelIdentity
from python_assets.errors import ModelError

if TYPE_CHECKING:
    import torch

TokenIds = npt.NDArray[np.int64]
Pooling = Callable[[dict[str, Any]], "torch.Tensor"]


@dataclass(frozen=True)
class TextModel:
    """A model on one device.

    Attributes
    ----------
    tokenizer : object
        A fast tokenizer of transformers.
    transformer : torch.nn.Module
    pooling : callable
        From ``token_embeddings`` and ``attention_mask`` to one vector per sequence.
    device : str
    precision : str
        float32 or bfloat16; pooling and scaling are float32 in any case.
    dimension : int
        Of the vectors that come out.
    head, tail : ndarray of int64
        The tokens before and after those of a text.
    max_content : int
        Tokens of a text that fit between them.
    revision : str
        Of the files that were loaded.
    """

    tokenizer: Any
    transformer: Any
    pooling: Pooling
    device: str
    precision: str
    dimension: int
    head: TokenIds
    tail: TokenIds
    max_content: int
    revision: str

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of texts, whole and without special ones; safe beside `embed`."""
        if not texts:
            return []
        found = self.tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return list(found["input_ids"])

    @property
    def unknown_token(self) -> int | None:
        """The token that stands for what the model cannot read."""
        return self.tokenizer.unk_token_id  # type: ignore[no-any-return]

    def embed(self, sequences: Sequence[TokenIds]) -> torch.Tensor:
        """Return the unit vectors of token sequences, (n, dimension) float32 on the device.

        On a CPU, sequences of one batch of `batching.cut_batches` have the same bits in any other. On a
        GPU, kernels may depend on the number of sequences; the result is not waited for.
        """
        import torch

        lengths = np.array([len(ids) for ids in sequences])
        longest = len(self.head) + self.max_content + len(self.tail)
        width = padded_length(int(lengths.max()), longest)
        ids = np.full((len(sequences), width), self.tokenizer.pad_token_id or 0, dtype=np.int64)
        for row, sequence in enumerate(sequences):
            ids[row, : len(sequence)] = sequence
        seen = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.int64)
        input_ids, attention_mask = self._to_device(ids), self._to_device(seen)
        with torch.inference_mode():
            with self._computing():
                output = self.transformer(
                    input_ids=input_ids,
                    # without a mask attention takes its fast path
                    attention_mask=None if seen.all() else attention_mask,
                )
            features = {
                "input_ids": input_ids,
                "token_embeddings": output.last_hidden_state.float(),
                "attention_mask": attention_mask,
            }
            vectors = self.pooling(features).float()[:, : self.dimension]
            scaled: torch.Tensor = torch.nn.functional.normalize(vectors, dim=1)
            return scaled

    def _to_device(self, values: npt.NDArray[np.int64]) -> torch.Tensor:
        import torch

        tensor = torch.from_numpy(values)
        if self.device.startswith("cuda"):
            return tensor.pin_memory().to(self.device, non_blocking=True)
        return tensor.to(self.device)

    def _computing(self) -> Any:
        import torch

        if self.device.startswith("cuda"):
            # the weights themselves are bfloat16 there; kernels run on the current device
            return torch.cuda.device(self.device)
        on_cpu = self.precision == BFLOAT16 and self.device == "cpu"
        return torch.autocast("cpu", torch.bfloat16) if on_cpu else nullcontext()


def assemble(
    identity: ModelIdentity,
    device: str,
    revision: str,
    tokenizer: Any,
    transformer: Any,
    pooling: Pooling,
    own_dimension: int,
    own_max_tokens: int,
) -> TextModel:
    """Put a model together from its parts, which must be what its identity says.

    Raises
    ------
    ModelError
        The model has another dimension, or sees fewer tokens.
    """
    import torch

    dimension = identity.dimension or own_dimension
    if dimension != own_dimension and not (identity.can_cut and dimension < own_dimension):
        raise ModelError(f"the model {identity.name} has {own_dimension} dimensions, not {dimension}")
    limit = getattr(transformer.config, "max_position_embeddings", None) or own_max_tokens
    max_tokens = identity.max_tokens or min(own_max_tokens, limit)
    if max_tokens > limit:
        raise ModelError(f"the model {identity.name} sees at most {limit} tokens, not {max_tokens}")
    if identity.precision == BFLOAT16 and device != "cpu":
        transformer = transformer.to(torch.bfloat16)
    head, tail = _template(tokenizer)
    prefix = tokenizer(identity.prefix.rstrip(), add_special_tokens=False)["input_ids"] if identity.prefix else []
    head = np.concatenate([head, np.array(prefix, dtype=np.int64)])
    return TextModel(
        tokenizer=tokenizer,
        transformer=transformer.to(device).eval(),
        pooling=pooling,
        device=device,
        precision=identity.precision,
        dimension=dimension,
        head=head,
        tail=tail,
        max_content=max_tokens - len(head) - len(tail),
        revision=revision,
    )


def mean_pooling(features: dict[str, Any]) -> torch.Tensor:
    """Return the mean of the token vectors that are no padding."""
    weights = features["attention_mask"].unsqueeze(-1).to(features["token_embeddings"].dtype)
    total: torch.Tensor = (features["token_embeddings"] * weights).sum(dim=1)
    mean: torch.Tensor = total / weights.sum(dim=1)
    return mean


def _template(tokenizer: Any) -> tuple[TokenIds, TokenIds]:
    """Return the special tokens that the tokenizer puts before and after a text."""
    bare = tokenizer("a", add_special_tokens=False)["input_ids"]
    full = tokenizer("a")["input_ids"]
    start = next(i for i in range(len(full)) if full[i : i + len(bare)] == bare)
    return np.array(full[:start], dtype=np.int64), np.array(full[start + len(bare) :], dtype=np.int64)
