"""Embed what the store lacks: planned first, then shard by shard, tokenised ahead of the model."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_assets.embeddings.batching import IntArray, cut_shards
from python_assets.embeddings.encoder import Encoder
from python_assets.embeddings.plans import PlannedShard, next_number, read_plans, write_plan
from python_assets.embeddings.speed import Speed, write_speed
from python_assets.embeddings.store import EmbeddingStore
from python_assets.embeddings.tokens import TokenizedTexts

logger = logging.getLogger(__name__)

READ_TEXTS = 65_536
READ_CHARS = 64_000_000


class Texts(Protocol):
    """Where texts are read from."""

    def lengths(self, keys: Sequence[str]) -> list[int]:
        """Return the characters of each text, -1 for one that is not there."""
        ...

    def read(self, keys: Sequence[str]) -> list[str]:
        """Return the texts of some keys, in their order."""
        ...


class Progress(Protocol):
    """Told how far the work is."""

    def __call__(self, done: int, total: int, *, share: float, tokens: int) -> None:
        """Report texts finished, texts in all, the share of the work, and tokens finished."""
        ...


@dataclass(frozen=True)
class Work:
    """A shard that a run has to compute.

    Attributes
    ----------
    shard : PlannedShard
    rows : ndarray of int64
        Those of its texts that have no vector yet; the others keep theirs.
    n_chars : int
        Of all of its texts.
    """

    shard: PlannedShard
    rows: IntArray
    n_chars: int


def embed_missing(
    store: EmbeddingStore,
    keys: Sequence[str],
    texts: Texts,
    make_encoder: Callable[[], Encoder],
    *,
    batch_tokens: int,
    described: dict[str, Any],
    progress: Progress | None = None,
) -> int:
    """Embed the texts that the store does not hold yet.

    Parameters
    ----------
    store : EmbeddingStore
    keys : sequence of str
        Distinct keys of the texts wanted.
    texts : Texts
        Read in another thread, some shards at a time.
    make_encoder : callable
        Loads the model; not called when nothing is missing.
    batch_tokens : int
        Tokens of a batch; shards that an earlier run planned keep theirs.
    described : dict
        What the store's key stands for.
    progress : Progress, optional

    Returns
    -------
    int
        Number of texts embedded.
    """
    if not len(_missing(store, keys)):
        return 0
    with store.locked():
        # another process may have stored them while this one waited
        missing = _missing(store, keys)
        if not len(missing):
            return 0
        encoder = make_encoder()
        store.remember_model(described, {"dimension": encoder.dimension, "revision": encoder.revision})
        work = _plan(store, missing, texts, batch_tokens)
        meter = _Meter(work, progress)
        n_embedded = _compute(store, work, texts, encoder, meter)
        write_speed(store.directory, meter.speed())
        return n_embedded


def _missing(store: EmbeddingStore, keys: Sequence[str]) -> pa.Array:
    wanted = pa.array(keys, pa.string())
    return wanted.filter(pa.array(store.index().find(wanted) < 0))


def _plan(store: EmbeddingStore, missing: pa.Array, texts: Texts, batch_tokens: int) -> list[Work]:
    """Take up what an earlier run planned and did not finish, and plan the rest."""
    stored = set(store.shards())
    work = _resume(store, missing, texts, read_plans(store.directory, stored))
    planned, _ = _joined([part.shard for part in work])
    rest = missing.filter(pc.invert(pc.is_in(missing, value_set=planned))).to_pylist()
    if rest:
        lengths = texts.lengths(rest)
        cut = cut_shards(lengths)
        new = [[rest[position] for position in positions] for positions in cut]
        first = next_number(store.directory, stored)
        write_plan(store.directory, first, new, batch_tokens)
        for number, (keys, positions) in enumerate(zip(new, cut, strict=True), first):
            shard = PlannedShard(number, keys, batch_tokens)
            work.append(Work(shard, np.arange(len(keys)), sum(lengths[position] for position in positions)))
    return work


def _resume(store: EmbeddingStore, missing: pa.Array, texts: Texts, pending: list[PlannedShard]) -> list[Work]:
    """Return the planned shards that hold a missing text and whose texts can all be read."""
    keys, shard_of = _joined(pending)
    is_wanted = np.asarray(pc.is_in(keys, value_set=missing).to_numpy(zero_copy_only=False), dtype=bool)
    pending = [pending[position] for position in np.unique(shard_of[is_wanted])]
    keys, shard_of = _joined(pending)
    lengths = np.array(texts.lengths(keys.to_pylist()) if pending else [], dtype=np.int64)
    unreadable = np.unique(shard_of[lengths < 0])
    if len(unreadable):
        logger.info("%d planned shards hold texts that are gone; what is left of them is planned anew", len(unreadable))
    is_new = (store.index().find(keys) < 0) & ~np.isin(shard_of, unreadable)
    # of a text in two planned shards, the first makes its vector
    new_keys = keys.filter(pa.array(is_new))
    is_new[is_new] = pc.index_in(new_keys, value_set=new_keys).to_numpy() == np.arange(len(new_keys))
    starts = np.searchsorted(shard_of, np.arange(len(pending)))
    work = []
    for position, shard in enumerate(pending):
        of_shard = slice(starts[position], starts[position] + len(shard.keys))
        if is_new[of_shard].any():
            work.append(Work(shard, np.flatnonzero(is_new[of_shard]), int(lengths[of_shard].sum())))
    return work


def _joined(shards: list[PlannedShard]) -> tuple[pa.Array, IntArray]:
    """Return the keys of all shards, and the position of the shard of each."""
    keys = pa.array(list(chain.from_iterable(shard.keys for shard in shards)), pa.string())
    return keys, np.repeat(np.arange(len(shards)), [len(shard.keys) for shard in shards])


def _compute(store: EmbeddingStore, work: list[Work], texts: Texts, encoder: Encoder, meter: _Meter) -> int:
    ahead_of = _ReadAhead(work, texts)
    with ThreadPoolExecutor(1, "tokenize") as ahead:

        def prepare(position: int) -> TokenizedTexts:
            return encoder.tokenize(ahead_of.texts_of(position))

        following = ahead.submit(prepare, 0)
        for position, part in enumerate(work):
            tokenized = following.result()
            if position + 1 < len(work):
                following = ahead.submit(prepare, position + 1)
            meter.begin(part, sum(len(ids) for ids in tokenized.sequences))
            encoded = encoder.encode(tokenized, part.shard.batch_tokens, meter.batch_done)
            store.write(part.shard.number, [part.shard.keys[row] for row in part.rows], encoded[part.rows])
            meter.end()
    return sum(len(part.rows) for part in work)


class _ReadAhead:
    """The texts of shards, read for many shards at once, as each reading looks through all texts."""

    def __init__(self, work: list[Work], texts: Texts) -> None:
        self._work = work
        self._texts = texts
        self._read: dict[int, list[str]] = {}

    def texts_of(self, position: int) -> list[str]:
        if position not in self._read:
            keys: list[str] = []
            n_chars, last = 0, position
            while last < len(self._work) and (last == position or (len(keys) < READ_TEXTS and n_chars < READ_CHARS)):
                keys += self._work[last].shard.keys
                n_chars += self._work[last].n_chars
                last += 1
            found = iter(self._texts.read(keys))
            for index in range(position, last):
                self._read[index] = list(islice(found, len(self._work[index].shard.keys)))
        return self._read.pop(position)


class _Meter:
    """How far all shards are, by the characters of their texts."""

    def __init__(self, work: list[Work], report: Progress | None) -> None:
        self._report = report
        self._all_texts = sum(len(part.shard.keys) for part in work)
        self._all_chars = max(1, sum(part.n_chars for part in work))
        self._texts = self._tokens = self._chars = 0
        self._part, self._part_tokens, self._part_done = work[0], 0, 0
        self._start = time.monotonic()

    def begin(self, part: Work, n_tokens: int) -> None:
        self._part, self._part_tokens, self._part_done = part, n_tokens, 0

    def batch_done(self, n_tokens: int) -> None:
        self._part_done += n_tokens
        share = self._part_done / self._part_tokens
        self._say(share * len(self._part.shard.keys), share * self._part.n_chars, self._part_done)

    def end(self) -> None:
        self._texts += len(self._part.shard.keys)
        self._tokens += self._part_tokens
        self._chars += self._part.n_chars
        if self._texts == self._all_texts:
            self._say(0, 0, 0)

    def speed(self) -> Speed:
        return Speed(self._texts, self._chars, self._tokens, round(max(time.monotonic() - self._start, 0.001), 3))

    def _say(self, texts: float, chars: float, tokens: int) -> None:
        if self._report is not None:
            # the last text counts as finished when its shard is stored
            done = min(self._texts + int(texts), self._all_texts if not texts else self._all_texts - 1)
            share = min((self._chars + chars) / self._all_chars, 1.0)
            self._report(done, self._all_texts, share=share, tokens=self._tokens + tokens)
