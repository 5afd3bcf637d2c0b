from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from python_assets.embeddings.batching import cut_batches, cut_shards, padded_length, windows

LENGTHS = st.lists(st.integers(0, 500), max_size=80)


@given(LENGTHS, st.integers(1, 2_000), st.integers(1, 500))
def test_batches_hold_every_sequence_once_longest_first_within_the_budget(
    lengths: list[int], budget: int, longest: int
) -> None:
    batches = cut_batches(lengths, budget, longest)
    assert sorted(np.concatenate(batches).tolist() if batches else []) == list(range(len(lengths)))
    heads = [lengths[batch[0]] for batch in batches]
    assert heads == sorted(heads, reverse=True)
    for batch in batches:
        widths = {padded_length(lengths[position], longest) for position in batch}
        assert len(widths) == 1
        assert len(batch) == 1 or len(batch) * widths.pop() <= budget
        assert len({lengths[position] == padded_length(lengths[position], longest) for position in batch}) == 1


@given(st.integers(0, 40_000), st.integers(8, 40_000))
def test_padding_is_little_and_never_beyond_what_the_model_sees(n_tokens: int, longest: int) -> None:
    width = padded_length(n_tokens, longest)
    assert n_tokens <= width <= max(n_tokens, longest)
    assert width == padded_length(width, longest)
    assert width - n_tokens <= max(8 - n_tokens, 3, n_tokens / 8)


def test_lengths_that_are_spread_evenly_are_padded_by_a_twentieth_at_most() -> None:
    for first, last in ((33, 64), (65, 128), (129, 256), (257, 8_192)):
        lengths = range(first, last + 1)
        assert sum(padded_length(n, 8_192) for n in lengths) <= 1.05 * sum(lengths)


@given(LENGTHS, st.integers(1, 20), st.integers(1, 2_000))
def test_shards_hold_every_text_once_within_both_bounds(lengths: list[int], max_texts: int, max_chars: int) -> None:
    shards = cut_shards(lengths, max_texts, max_chars)
    assert sorted(np.concatenate(shards).tolist() if shards else []) == list(range(len(lengths)))
    for shard in shards:
        assert len(shard) <= max_texts
        assert len(shard) == 1 or sum(lengths[i] for i in shard) <= max_chars


@given(st.integers(0, 3_000), st.integers(8, 300))
def test_windows_cover_a_text_and_overlap(n_tokens: int, size: int) -> None:
    found = list(windows(n_tokens, size))
    assert found[0][0] == 0
    assert found[-1][1] == n_tokens
    assert all(stop - start == size for start, stop in found[:-1])
    assert all(second[0] == first[1] - size // 8 for first, second in pairwise(found))
    assert found[-1][1] - found[-1][0] <= size


def test_equal_lengths_keep_their_order_so_that_the_cut_is_always_the_same() -> None:
    assert [batch.tolist() for batch in cut_batches([3, 5, 3, 5, 3, 8], 16, 256)] == [
        [5],
        [1, 3],
        [0, 2],
        [4],
    ]
