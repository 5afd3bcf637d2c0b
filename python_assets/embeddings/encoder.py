"""Run planned batches through a model, on one device or several."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np

from python_assets.embeddings.batching import cut_batches
from python_assets.embeddings.encoded import EncodedTexts, Float32Array
from python_assets.embeddings.models import TokenIds
from python_assets.embeddings.tokens import TokenizedTexts, Tokenizes, longest_sequence, tokenize
from python_assets.errors import ModelError

logger = logging.getLogger(__name__)

Positions = TokenIds
Done = Callable[[int], None]


class Embeds(Tokenizes, Protocol):
    """A model on one device."""

    @property
    def device(self) -> str:
        """The torch device."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def revision(self) -> str:
        """Of the files that were loaded."""
        ...

    def embed(self, sequences: Sequence[TokenIds]) -> Any:
        """Return the unit vectors of token sequences as a float32 tensor."""
        ...


class Encoder:
    """Texts to vectors.

    Parameters
    ----------
    models : sequence of Embeds
        The same model on each of the devices; each takes the next batch when it is free.
    long_texts : str
        ``cut`` or ``windows``.
    """

    def __init__(self, models: Sequence[Embeds], long_texts: str) -> None:
        self._models = models
        self._long_texts = long_texts
        self.dimension = models[0].dimension
        self.revision = models[0].revision

    def tokenize(self, texts: Sequence[str]) -> TokenizedTexts:
        """Turn texts into what `encode` takes; may run in another thread."""
        return tokenize(self._models[0], texts, self._long_texts)

    def encode(self, tokenized: TokenizedTexts, batch_tokens: int, done: Done = lambda n_tokens: None) -> EncodedTexts:
        """Encode texts, in their order.

        Parameters
        ----------
        tokenized : TokenizedTexts
        batch_tokens : int
            Tokens of a batch, padding counted; the same number gives the same batches.
        done : callable
            Called with the number of tokens of each batch that is finished.
        """
        lengths = np.array([len(ids) for ids in tokenized.sequences], dtype=np.int64)
        batches = cut_batches(lengths, batch_tokens, longest_sequence(self._models[0]))
        vectors = np.zeros((len(lengths), self.dimension), dtype=np.float32)
        waiting: queue.SimpleQueue[Positions] = queue.SimpleQueue()
        for batch in batches:
            waiting.put(batch)

        def work(model: Embeds) -> None:
            for positions, found in _run(model, tokenized.sequences, waiting):
                vectors[positions] = found
                done(int(lengths[positions].sum()))

        if len(self._models) == 1:
            work(self._models[0])
        else:
            with ThreadPoolExecutor(len(self._models), "embed") as workers:
                try:
                    for finished in [workers.submit(work, model) for model in self._models]:
                        finished.result()
                finally:
                    _empty(waiting)
        return EncodedTexts(
            _per_text(vectors, lengths, tokenized), tokenized.n_tokens, tokenized.n_unknown, tokenized.is_truncated
        )


def _run(
    model: Embeds, sequences: Sequence[TokenIds], waiting: queue.SimpleQueue[Positions]
) -> Iterator[tuple[Positions, Float32Array]]:
    """Take batches until there are none. The next one is started before the last result is fetched."""
    running: list[tuple[Positions, Any]] = []
    while True:
        try:
            batch = waiting.get_nowait()
        except queue.Empty:
            break
        running += _embed_in_halves(model, sequences, batch)
        while len(running) > 1:
            yield _fetched(*running.pop(0))
    for positions, tensor in running:
        yield _fetched(positions, tensor)


def _embed_in_halves(model: Embeds, sequences: Sequence[TokenIds], batch: Positions) -> list[tuple[Positions, Any]]:
    """Embed a batch; where the memory does not hold it, its halves."""
    import torch

    try:
        return [(batch, model.embed([sequences[position] for position in batch]))]
    except torch.OutOfMemoryError:
        if len(batch) == 1:
            raise ModelError(
                f"{model.device} has too little memory for one text of {len(sequences[batch[0]])} tokens; "
                "set a smaller max_tokens, or another device"
            ) from None
    # outside of the handler, whose error holds the tensors of the failed pass
    logger.warning("%s has too little memory for a batch of %d texts; halved", model.device, len(batch))
    if model.device.startswith("cuda"):
        torch.cuda.empty_cache()
    middle = len(batch) // 2
    return [part for half in (batch[:middle], batch[middle:]) for part in _embed_in_halves(model, sequences, half)]


def _fetched(positions: Positions, tensor: Any) -> tuple[Positions, Float32Array]:
    return positions, tensor.cpu().numpy()


def _empty(waiting: queue.SimpleQueue[Positions]) -> None:
    while True:
        try:
            waiting.get_nowait()
        except queue.Empty:
            return


def _per_text(vectors: Float32Array, lengths: Positions, tokenized: TokenizedTexts) -> Float32Array:
    """Average the windows of each text by their tokens, in float64, and scale to norm 1."""
    n = len(tokenized.n_tokens)
    result = np.zeros((n, vectors.shape[1]), dtype=np.float32)
    n_windows = np.bincount(tokenized.text_of, minlength=n)
    alone = n_windows[tokenized.text_of] == 1
    result[tokenized.text_of[alone]] = vectors[alone]
    for text in np.flatnonzero(n_windows > 1):
        of_text = np.flatnonzero(tokenized.text_of == text)
        mean = np.average(vectors[of_text].astype(np.float64), axis=0, weights=lengths[of_text])
        result[text] = mean / np.linalg.norm(mean)
    return result
