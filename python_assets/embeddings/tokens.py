"""Texts as tokens: what of them the model is given, and what it cannot read or see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from python_assets.embeddings.batching import windows
from python_assets.embeddings.encoded import BoolArray, Int32Array
from python_assets.embeddings.identity import WINDOWS
from python_assets.embeddings.models import TokenIds

_TOKENIZED_AT_ONCE = 1_024


class Tokenizes(Protocol):
    """The part of a model that makes tokens."""

    @property
    def head(self) -> TokenIds:
        """The tokens before those of a text."""
        ...

    @property
    def tail(self) -> TokenIds:
        """The tokens after those of a text."""
        ...

    @property
    def max_content(self) -> int:
        """Tokens of a text that fit between them."""
        ...

    @property
    def unknown_token(self) -> int | None:
        """The token that stands for what the model cannot read."""
        ...

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of texts, whole and without special ones."""
        ...


@dataclass(frozen=True)
class TokenizedTexts:
    """n texts as the token sequences that a model is given.

    Attributes
    ----------
    sequences : list of ndarray of int64
        With special tokens. One per text, or several windows of it; none where it has no token.
    text_of : ndarray of int64
        The text of each sequence.
    n_tokens, n_unknown, is_truncated
        As in `EncodedTexts`.
    """

    sequences: list[TokenIds]
    text_of: TokenIds
    n_tokens: Int32Array
    n_unknown: Int32Array
    is_truncated: BoolArray


def tokenize(model: Tokenizes, texts: Sequence[str], long_texts: str) -> TokenizedTexts:
    """Turn texts into the sequences that a model is given.

    Parameters
    ----------
    model : Tokenizes
    texts : sequence of str
        A lone surrogate counts as U+FFFD.
    long_texts : str
        ``cut`` or ``windows``, see `python_assets.embeddings.identity.ModelIdentity`.
    """
    sequences: list[TokenIds] = []
    text_of: list[int] = []
    n_tokens = np.zeros(len(texts), dtype=np.int32)
    n_unknown = np.zeros(len(texts), dtype=np.int32)
    for start in range(0, len(texts), _TOKENIZED_AT_ONCE):
        found = model.tokenize([readable(text) for text in texts[start : start + _TOKENIZED_AT_ONCE]])
        for row, ids in enumerate(found, start):
            content = np.array(ids, dtype=np.int64)
            n_tokens[row] = len(content)
            n_unknown[row] = np.count_nonzero(content == model.unknown_token) if model.unknown_token is not None else 0
            parts = (
                list(windows(len(content), model.max_content)) if long_texts == WINDOWS else [(0, model.max_content)]
            )
            for first, last in parts:
                sequence = np.concatenate([model.head, content[first:last], model.tail])
                if len(sequence):
                    sequences.append(sequence)
                    text_of.append(row)
    too_long = n_tokens > model.max_content
    is_truncated = np.zeros(len(texts), dtype=bool) if long_texts == WINDOWS else too_long
    return TokenizedTexts(sequences, np.array(text_of, dtype=np.int64), n_tokens, n_unknown, is_truncated)


def longest_sequence(model: Tokenizes) -> int:
    """Return the most tokens that the model sees, special ones counted."""
    return len(model.head) + model.max_content + len(model.tail)


def readable(text: str) -> str:
    """Return the text with U+FFFD for each lone surrogate, which no tokenizer takes."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
