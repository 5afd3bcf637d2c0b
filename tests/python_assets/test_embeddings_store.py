from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import numpy as np
import pytest

from python_assets.embeddings import embed as embed_module
from python_assets.embeddings.batching import cut_shards
from python_assets.embeddings.encoder import Encoder
from python_assets.embeddings.store import EmbeddingStore
from python_assets.embeddings.views import create_views
from python_assets.errors import ModelError, StoreError
from tests.python_assets.embedding_cases import CharModel, DictTexts, embed, no_model, random_texts, shard_bytes


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed_module, "cut_shards", lambda lengths: cut_shards(lengths, 50))
    monkeypatch.setattr(embed_module, "READ_TEXTS", 120)


def _vectors(root: Path, texts: DictTexts) -> np.ndarray:
    return EmbeddingStore(root, "toy").read(texts.keys).vectors


def test_a_text_is_embedded_once_and_read_back_in_any_order(tmp_path: Path) -> None:
    first, more = random_texts(120), random_texts(80, seed=1)
    assert embed(tmp_path, DictTexts(first)) == 120
    before = shard_bytes(tmp_path)
    assert embed(tmp_path, DictTexts(more + first)) == 80
    assert before.items() <= shard_bytes(tmp_path).items()
    texts = DictTexts(sorted(first + more))
    alone = Encoder([CharModel()], "cut")
    expected = alone.encode(alone.tokenize(texts.read(texts.keys)), 10**9)
    stored = EmbeddingStore(tmp_path, "toy").read(texts.keys)
    np.testing.assert_allclose(stored.vectors, expected.vectors, atol=1e-4)
    np.testing.assert_array_equal(stored.n_tokens, expected.n_tokens)
    with pytest.raises(StoreError, match="1 texts have no vector"):
        EmbeddingStore(tmp_path, "toy").read([texts.keys[0], "unknown"])


def test_no_model_is_loaded_when_nothing_is_missing(tmp_path: Path) -> None:
    texts = DictTexts(random_texts(60))
    embed(tmp_path, texts)
    assert embed(tmp_path, texts, no_model) == 0


class Interrupted(CharModel):
    """Fails at the given batch."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def embed(self, sequences):  # type: ignore[no-untyped-def]
        if len(self.batches) == self.at:
            raise KeyboardInterrupt
        return super().embed(sequences)


def test_an_interrupted_run_goes_on_with_the_same_batches_and_bits(tmp_path: Path) -> None:
    texts = DictTexts(random_texts(230))
    embed(tmp_path / "whole", texts)
    with pytest.raises(KeyboardInterrupt):
        embed(tmp_path / "cut", texts, lambda: Encoder([Interrupted(at=17)], "cut"))
    n_stored = len(EmbeddingStore(tmp_path / "cut", "toy").shards())
    assert 0 < n_stored < 5
    # other settings and more texts do not change what was planned
    more = DictTexts([*texts.by_key.values(), *random_texts(20, seed=3)])
    assert embed(tmp_path / "cut", more, batch_tokens=64) == 250 - 50 * n_stored
    assert shard_bytes(tmp_path / "whole").items() <= shard_bytes(tmp_path / "cut").items()
    np.testing.assert_array_equal(_vectors(tmp_path / "cut", texts), _vectors(tmp_path / "whole", texts))


def test_what_another_type_left_unfinished_is_taken_up_only_where_it_is_needed(tmp_path: Path) -> None:
    texts = random_texts(230)
    embed(tmp_path / "whole", DictTexts(texts))
    with pytest.raises(KeyboardInterrupt):
        embed(tmp_path / "cut", DictTexts(texts), lambda: Encoder([Interrupted(at=0)], "cut"))
    everything = DictTexts(texts)
    one = DictTexts(texts[:1])
    one.lengths, one.read = everything.lengths, everything.read  # type: ignore[method-assign]
    assert embed(tmp_path / "cut", one) == 50
    assert embed(tmp_path / "cut", everything) == 180
    assert shard_bytes(tmp_path / "cut") == shard_bytes(tmp_path / "whole")


def test_a_planned_shard_whose_texts_are_gone_is_planned_anew(tmp_path: Path) -> None:
    texts = random_texts(100)
    with pytest.raises(KeyboardInterrupt):
        embed(tmp_path, DictTexts(texts), lambda: Encoder([Interrupted(at=0)], "cut"))
    rest = DictTexts(texts[1:])
    assert embed(tmp_path, rest) == 99
    assert embed(tmp_path, DictTexts(texts)) == 1
    stored = EmbeddingStore(tmp_path, "toy").index().keys.to_pylist()
    assert len(stored) == len(set(stored)) == 100


@pytest.mark.parametrize("damage", ["cut off", "flipped bit", "no parquet"])
def test_a_corrupt_shard_is_set_aside_and_computed_again(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    texts = DictTexts(random_texts(120))
    embed(tmp_path, texts)
    before = shard_bytes(tmp_path)
    store = EmbeddingStore(tmp_path, "toy")
    path = store.shard_path(1)
    content = bytearray(path.read_bytes())
    if damage == "flipped bit":
        content[len(content) // 2] ^= 1
    path.write_bytes({"cut off": content[:-50], "flipped bit": content, "no parquet": b"hello"}[damage])
    with pytest.raises(StoreError, match=r"set aside|no vector"):
        store.read(texts.keys)
    assert path.with_name("shard-000001.parquet.corrupt").exists()
    assert "is corrupt" in caplog.text
    assert embed(tmp_path, texts) == 50
    assert shard_bytes(tmp_path) == before


def test_another_model_under_the_same_name_is_refused(tmp_path: Path) -> None:
    embed(tmp_path, DictTexts(["a"]))
    moved = CharModel()
    moved.revision = "two"
    with pytest.raises(ModelError, match=r"revision of the model is two, .* made with one"):
        embed(tmp_path, DictTexts(["b"]), lambda: Encoder([moved], "cut"))
    smaller = CharModel()
    smaller.dimension = 4
    with pytest.raises(ModelError, match=r"dimension of the model is 4, .* made with 8"):
        embed(tmp_path, DictTexts(["b"]), lambda: Encoder([smaller], "cut"))


def test_the_views_show_the_models_vectors_and_are_typed_before_the_first(tmp_path: Path) -> None:
    texts = DictTexts(["a", "bb"])
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA intermediate")
        key = hashlib.sha256(b"bb").hexdigest()
        connection.execute(f"CREATE TABLE intermediate.int_sft_texts AS SELECT '{key}' AS text_key")
        store = EmbeddingStore(tmp_path, "toy")
        types = []
        for expected in (0, 2):
            create_views(connection, "sft", store)
            assert connection.sql("SELECT count(*) FROM ml.embeddings").fetchall() == [(expected,)]
            assert connection.sql("SELECT count(*) FROM ml.sft_embeddings").fetchall() == [(expected // 2,)]
            types.append([str(data_type) for data_type in connection.sql("FROM ml.embeddings").types])
            embed(tmp_path, texts)
        assert types[0] == types[1] == ["VARCHAR", "FLOAT[]", "INTEGER", "INTEGER", "BOOLEAN"]


def test_a_text_in_two_planned_shards_is_stored_once(tmp_path: Path) -> None:
    texts = random_texts(100)
    for some in (texts, texts[1:]):
        with pytest.raises(KeyboardInterrupt):
            embed(tmp_path, DictTexts(some), lambda: Encoder([Interrupted(at=0)], "cut"))
    assert embed(tmp_path, DictTexts(texts)) == 100
    stored = EmbeddingStore(tmp_path, "toy").index().keys.to_pylist()
    assert len(stored) == len(set(stored)) == 100
    assert embed(tmp_path, DictTexts(texts), no_model) == 0
