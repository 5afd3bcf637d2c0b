from __future__ import annotations

import logging

import numpy as np
import pytest

from python_assets.embeddings.encoded import EncodedTexts, is_comparable
from python_assets.embeddings.encoder import Encoder
from python_assets.embeddings.tokens import readable
from python_assets.errors import ModelError
from python_assets.progress import ProgressLog
from tests.python_assets.embedding_cases import CharModel, random_texts

TEXTS = [*random_texts(60), "", "x" * 100]


def _encode(encoder: Encoder, texts: list[str], batch_tokens: int = 256) -> EncodedTexts:
    return encoder.encode(encoder.tokenize(texts), batch_tokens)


def test_two_devices_share_the_batches_and_give_what_one_gives() -> None:
    one, two = [CharModel()], [CharModel(), CharModel()]
    alone, shared = (_encode(Encoder(models, "cut"), TEXTS) for models in (one, two))
    np.testing.assert_array_equal(alone.vectors, shared.vectors)
    assert len(one[0].batches) == sum(len(model.batches) for model in two)


def test_a_batch_that_does_not_fit_is_halved(caplog: pytest.LogCaptureFixture) -> None:
    model = CharModel(fits=3)
    found = _encode(Encoder([model], "cut"), TEXTS)
    np.testing.assert_allclose(found.vectors, _encode(Encoder([CharModel()], "cut"), TEXTS).vectors, atol=1e-4)
    assert max(model.batches) <= 3
    assert "too little memory for a batch" in caplog.text


@pytest.mark.parametrize("devices", [1, 2])
def test_one_text_that_does_not_fit_is_an_error(devices: int) -> None:
    encoder = Encoder([CharModel(fits=0) for _ in range(devices)], "cut")
    with pytest.raises(ModelError, match="too little memory for one text of 32 tokens"):
        _encode(encoder, TEXTS)


def test_what_cannot_be_read_or_seen_whole_is_not_comparable() -> None:
    found = _encode(Encoder([CharModel()], "cut"), ["a" * 30, "a" * 31, "a?" * 5, "aaaaaaaaa?", ""])
    assert found.n_tokens.tolist() == [30, 31, 10, 10, 0]
    assert found.n_unknown.tolist() == [0, 0, 5, 1, 0]
    assert found.is_truncated.tolist() == [False, True, False, False, False]
    comparable = is_comparable(found.n_tokens, found.n_unknown, found.is_truncated)
    assert comparable.tolist() == [True, False, False, True, False]


def test_long_texts_with_one_head_stay_apart_when_seen_in_windows() -> None:
    head = "the same long beginning of both, "
    texts = [head * 2 + tail * 30 for tail in ("one", "two")]
    cut, whole = (_encode(Encoder([CharModel()], long_texts), texts) for long_texts in ("cut", "windows"))
    assert cut.is_truncated.all()
    assert np.linalg.norm(cut.vectors[0] - cut.vectors[1]) < 1e-4
    assert not whole.is_truncated.any()
    assert np.linalg.norm(whole.vectors[0] - whole.vectors[1]) > 0.5
    np.testing.assert_allclose(np.linalg.norm(whole.vectors, axis=1), 1, atol=1e-6)


def test_windows_change_nothing_for_a_text_that_fits() -> None:
    cut, whole = (_encode(Encoder([CharModel()], long_texts), TEXTS[:60]) for long_texts in ("cut", "windows"))
    np.testing.assert_array_equal(cut.vectors, whole.vectors)


def test_a_text_that_gives_the_model_nothing_has_no_direction() -> None:
    bare = CharModel()
    bare.head = bare.tail = np.array([], dtype=np.int64)
    found = _encode(Encoder([bare], "cut"), ["", "a"])
    assert np.linalg.norm(found.vectors, axis=1).round(5).tolist() == [0, 1]


def test_a_lone_surrogate_reads_as_the_replacement_character() -> None:
    assert readable("a\ud83d b \ude00 \ud83d\ude00") == "a\ufffd b \ufffd \U0001f600"
    assert _encode(Encoder([CharModel()], "cut"), ["a\ud800"]).n_tokens.tolist() == [2]


def test_progress_names_texts_and_tokens_per_second_and_the_time_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = iter([0.0, 10.0, 20.0])
    monkeypatch.setattr("python_assets.progress.time.monotonic", lambda: next(now))
    with caplog.at_level(logging.INFO):
        log = ProgressLog(logging.getLogger("python_assets"), "sft: embedded", "texts")
        log(50, 200, share=0.5, tokens=1000)
        log(200, 200, share=1.0, tokens=3000)
    assert caplog.messages == [
        "sft: embedded 50 of 200 texts, 5/s, 100 tokens/s, 10 s left",
        "sft: embedded 200 of 200 texts, 10/s, 150 tokens/s",
    ]
