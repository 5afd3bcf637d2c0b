"""What a model makes of texts, and which texts may be compared by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MAX_UNKNOWN_SHARE = 0.1

Float32Array = npt.NDArray[np.float32]
Int32Array = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class EncodedTexts:
    """What a model made of n texts.

    Attributes
    ----------
    vectors : ndarray of float32, shape (n, dimension)
        Rows of unit Euclidean norm; a zero row where nothing of the text reached the model.
    n_tokens, n_unknown : ndarray of int32, shape (n,)
        Tokens of the whole text without special ones, and how many of them are unknown.
    is_truncated : ndarray of bool, shape (n,)
        Whether the model saw only the head of the text.
    """

    vectors: Float32Array
    n_tokens: Int32Array
    n_unknown: Int32Array
    is_truncated: BoolArray

    @classmethod
    def empty(cls, n: int, dimension: int) -> EncodedTexts:
        """Return zeros for n texts."""
        counts = np.zeros((2, n), dtype=np.int32)
        return cls(np.zeros((n, dimension), dtype=np.float32), counts[0], counts[1], np.zeros(n, dtype=bool))

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.n_tokens)

    def __getitem__(self, rows: npt.NDArray[np.int64]) -> EncodedTexts:
        """Return some of the texts."""
        return EncodedTexts(self.vectors[rows], self.n_tokens[rows], self.n_unknown[rows], self.is_truncated[rows])


def is_comparable(n_tokens: Int32Array, n_unknown: Int32Array, is_truncated: BoolArray) -> BoolArray:
    """Tell which texts may merge by their vectors: those that the model read and saw whole.

    A text with more than 10% unknown tokens, without any token, or cut off at the model's maximum
    length is not comparable: its vector says too little of it.
    """
    readable = (n_tokens > 0) & (n_unknown <= MAX_UNKNOWN_SHARE * n_tokens)
    return readable & ~is_truncated
