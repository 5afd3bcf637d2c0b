"""What bfloat16 changes: how far distances move, and which pairs a partition gains or loses."""

from __future__ import annotations

import numpy as np
import pytest

from python_assets.embeddings.encoded import is_comparable
from python_assets.embeddings.encoder import Encoder
from python_assets.embeddings.identity import identify
from python_assets.embeddings.loading import load_model
from python_assets.embeddings.presets import MINILM
from tests.bench.bench_prompts import bench_prompts
from tests.bench.precision import moved_distances, partition_change

# A pair may change sides only where its distance is this near to eps.
LARGEST_MOVE = 0.01


@pytest.fixture(scope="module")
def vectors() -> list[np.ndarray]:
    """5,000 generated prompts, many of them rewordings of another, in float32 and in bfloat16."""
    prompts, found = bench_prompts(None, 5_000), []
    for precision in ("float32", "bfloat16"):
        encoder = Encoder([load_model(identify(MINILM, precision=precision), "cpu")], "cut")
        encoded = encoder.encode(encoder.tokenize(prompts), 8_192)
        assert is_comparable(encoded.n_tokens, encoded.n_unknown, encoded.is_truncated).all()
        found.append(encoded.vectors)
    return found


@pytest.mark.slow
def test_bfloat16_moves_a_distance_by_less_than_a_hundredth(vectors: list[np.ndarray]) -> None:
    moved = np.abs(moved_distances(*vectors))
    assert moved.max() < LARGEST_MOVE
    assert moved.mean() < 0.001


@pytest.mark.slow
@pytest.mark.parametrize("eps", [0.1, 0.2, 0.3])
def test_the_partition_differs_only_by_pairs_at_the_edge_of_eps(vectors: list[np.ndarray], eps: float) -> None:
    exact, rounded = vectors
    _, differ, _ = partition_change(exact, rounded, eps)
    tighter, _, _ = partition_change(exact, exact, eps - LARGEST_MOVE)
    wider, _, _ = partition_change(exact, exact, eps + LARGEST_MOVE)
    assert differ <= wider - tighter
