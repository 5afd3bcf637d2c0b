"""Items that prompts repeat word for word: the whole item, or enough of it in runs of words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from python_assets.contamination.ngrams import NgramIndex
from python_assets.contamination.words import Int64Array, Words, words
from python_assets.expand import expand

EXACT = "exact"
MAX_MATCHING_CHARS = 1_000


def ngram_method(n: int) -> str:
    """Return the name of the method that compares n-grams."""
    return f"ngram_{n}"


@dataclass(frozen=True)
class Repeats:
    """Prompts and the items that one method finds in them.

    Attributes
    ----------
    method : str
    prompt, item : ndarray of int64, shape (n,)
    score : ndarray of float64, shape (n,)
        The share of the item's words that the prompt repeats.
    matching_text : list of str
        The longest stretch of the prompt that the item has as well, as the prompt has it, at most 1,000 characters.
    """

    method: str
    prompt: Int64Array
    item: Int64Array
    score: npt.NDArray[np.float64]
    matching_text: list[str]


class LexicalIndex:
    """The items of benchmarks, by their words.

    Parameters
    ----------
    items : list of str
    shares : mapping of int to float
        For each n the share of an item's words, in common n-grams of that length, from which on a prompt counts.

    Notes
    -----
    Items of the same words are looked up once, and all of them are found.
    """

    def __init__(self, items: list[str], shares: Mapping[int, float]) -> None:
        every = words(items)
        whole = every.whole()
        self._keys, first, self._kind = np.unique(whole, return_index=True, return_inverse=True)
        self._items = words([items[place] for place in first.tolist()])
        self._of_kind = np.argsort(self._kind, kind="stable")
        self._bounds = np.searchsorted(self._kind[self._of_kind], np.arange(self._keys.size + 1))
        self._indexes = {n: (NgramIndex(self._items, n), share) for n, share in shares.items()}

    def find(self, prompts: pa.Array | pa.ChunkedArray | list[str]) -> Iterator[Repeats]:
        """Yield what each method finds in some prompts; `prompt` is the place among them."""
        cut = words(prompts)
        yield self._exact(cut)
        for n, (index, share) in self._indexes.items():
            found = index.find(cut, share)
            texts = [
                _longest_stretch(cut, prompt, index.shared_words(cut.of(prompt), self._items.of(item)))
                for prompt, item in zip(found.text.tolist(), found.item.tolist(), strict=True)
            ]
            yield self._of_all_items(ngram_method(n), found.text, found.item, found.share, texts)

    def _exact(self, cut: Words) -> Repeats:
        whole = cut.whole()
        place = np.minimum(np.searchsorted(self._keys, whole), self._keys.size - 1)
        same = (self._keys[place] == whole) if self._keys.size else np.zeros(len(cut), bool)
        prompt = np.flatnonzero(same & (cut.counts() > 0))
        texts = [cut.texts[row].as_py()[:MAX_MATCHING_CHARS] for row in prompt.tolist()]
        return self._of_all_items(EXACT, prompt, place[prompt], np.ones(prompt.size), texts)

    def _of_all_items(
        self, method: str, prompt: Int64Array, kind: Int64Array, score: npt.NDArray[np.float64], texts: list[str]
    ) -> Repeats:
        """Put all items of a kind in its place."""
        source, within = expand(self._bounds[kind + 1] - self._bounds[kind])
        item = self._of_kind[self._bounds[kind[source]] + within]
        return Repeats(method, prompt[source], item, score[source], [texts[place] for place in source.tolist()])


def _longest_stretch(cut: Words, text: int, shared: npt.NDArray[np.bool_]) -> str:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], shared, [False]]).astype(np.int8)))
    starts, stops = edges[::2], edges[1::2]
    longest = int(np.argmax(stops - starts))
    return cut.between(text, int(starts[longest]), int(stops[longest]) - 1)[:MAX_MATCHING_CHARS]
