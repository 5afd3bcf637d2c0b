from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from python_assets.embeddings import presets
from python_assets.embeddings.embedder import (
    EncodedTexts,
    SentenceTransformerEmbedder,
    default_eps,
    is_comparable,
    model_key,
)
from python_assets.embeddings.presets import MINILM
from python_assets.embeddings.store import EmbeddingStore, embed_missing
from python_assets.errors import ModelError, SettingsError

TEXTS = [
    "How do I boil an egg?",
    "how do i boil an egg?",
    "Prove that the square root of two is irrational.",
    "请用三句话介绍一下长城的历史。",
    "tell me about rivers " * 200,
    "tell me about rivers " * 200 + "and lakes",
]


@pytest.fixture(scope="module")
def minilm() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(MINILM, "cpu")


class LengthEmbedder:
    """A tiny embedder: the direction of a vector is the length of its text."""

    dimension = 2

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        self.seen += texts
        angle = np.array([len(text) for text in texts], dtype=np.float32)
        n = len(texts)
        return EncodedTexts(
            np.stack([np.cos(angle), np.sin(angle)], axis=1),
            np.ones(n, dtype=np.int32),
            np.zeros(n, dtype=np.int32),
            np.zeros(n, dtype=bool),
        )


def test_minilm_gives_unit_vectors_in_the_order_of_the_texts(
    minilm: SentenceTransformerEmbedder,
) -> None:
    encoded = minilm.encode(TEXTS)
    assert encoded.vectors.shape == (6, 384)
    assert encoded.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(encoded.vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(encoded.vectors[0], encoded.vectors[1], atol=1e-5)
    assert np.linalg.norm(encoded.vectors[0] - encoded.vectors[2]) > 1


def test_what_minilm_cannot_read_or_see_whole_is_not_comparable(
    minilm: SentenceTransformerEmbedder,
) -> None:
    encoded = minilm.encode(TEXTS)
    assert encoded.is_truncated.tolist() == [False] * 4 + [True] * 2
    assert encoded.n_unknown[3] > 0.1 * encoded.n_tokens[3]
    comparable = is_comparable(encoded.n_tokens, encoded.n_unknown, encoded.is_truncated)
    assert comparable.tolist() == [True] * 3 + [False] * 3


def test_the_last_visible_token_decides_what_is_cut_off(
    minilm: SentenceTransformerEmbedder,
) -> None:
    fits, cut = "a " * 254, "a " * 255
    assert minilm.encode([fits, cut]).is_truncated.tolist() == [False, True]


def test_one_in_ten_unknown_tokens_is_the_limit() -> None:
    n_tokens = np.array([10, 10, 0], dtype=np.int32)
    n_unknown = np.array([1, 2, 0], dtype=np.int32)
    whole = np.zeros(3, dtype=bool)
    assert is_comparable(n_tokens, n_unknown, whole).tolist() == [True, False, False]


def test_weights_that_are_not_the_published_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    presets._packaged_minilm.cache_clear()
    monkeypatch.setattr(presets, "_MINILM_SHA256", hashlib.sha256(b"other").hexdigest())
    with pytest.raises(ModelError, match="the published weights have"):
        SentenceTransformerEmbedder(MINILM)
    presets._packaged_minilm.cache_clear()


def test_a_model_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"the model {tmp_path} cannot be loaded"):
        SentenceTransformerEmbedder(str(tmp_path))


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingsError, match="no usable CUDA device"):
        SentenceTransformerEmbedder(MINILM, "cuda:7")


def test_only_a_preset_knows_its_eps() -> None:
    assert default_eps(MINILM) == 0.2
    with pytest.raises(SettingsError, match="set eps"):
        default_eps("org/other-model")


def test_model_keys_are_safe_directory_names_and_distinct() -> None:
    models = (MINILM, "org/name", "org/name@abc", "/a dir/with spaces", "../up")
    keys = [model_key(model) for model in models]
    assert len(set(keys)) == len(keys)
    assert all("/" not in key and not key.startswith(".") for key in keys)


def _embed(store: EmbeddingStore, texts: list[str], embedder: LengthEmbedder) -> int:
    by_key = {hashlib.sha256(text.encode()).hexdigest(): text for text in texts}
    return embed_missing(store, list(by_key), lambda keys: [by_key[key] for key in keys], lambda: embedder)


def test_a_text_is_embedded_once_and_read_back_in_any_order(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path, "toy")
    embedder = LengthEmbedder()
    assert _embed(store, ["a", "bb", "ccc"], embedder) == 3
    assert _embed(store, ["bb", "dddd"], embedder) == 1
    assert embedder.seen == ["a", "bb", "ccc", "dddd"]
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in ("dddd", "a")]
    np.testing.assert_array_equal(store.read(keys).vectors, LengthEmbedder().encode(["dddd", "a"]).vectors)
    with pytest.raises(KeyError, match="1 texts are not in"):
        store.read([keys[0], "unknown"])


def test_no_model_is_loaded_when_nothing_is_missing(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path, "toy")
    _embed(store, ["a"], LengthEmbedder())

    def fail() -> LengthEmbedder:
        raise AssertionError("the model was loaded")

    key = hashlib.sha256(b"a").hexdigest()
    assert embed_missing(store, [key], lambda keys: [], fail) == 0


def test_an_unfinished_shard_does_not_count(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path, "toy")
    _embed(store, ["a"], LengthEmbedder())
    (store.directory / ".shard-000001.parquet.part").write_bytes(b"half")
    assert len(store.keys()) == 1
    assert _embed(store, ["bb"], LengthEmbedder()) == 1
    assert len(store.keys()) == 2
