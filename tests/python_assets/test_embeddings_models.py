from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from python_assets.embeddings import folders, hardware
from python_assets.embeddings.encoder import Encoder
from python_assets.embeddings.identity import default_eps, identify
from python_assets.embeddings.loading import load_model
from python_assets.embeddings.models import TextModel
from python_assets.embeddings.presets import MINILM, PRESETS, is_non_commercial
from python_assets.errors import ModelError, SettingsError

TEXTS = [
    "How do I boil an egg?",
    "how do i boil an egg?",
    "Prove that the square root of two is irrational.",
    "请用三句话介绍一下长城的历史。",
    "tell me about rivers " * 200,
    "tell me about rivers " * 200 + "and lakes",
    "",
]
PRESET = PRESETS[MINILM]


def _minilm_folder() -> Path:
    return folders.packaged(PRESET.package, PRESET.revision)


@pytest.fixture(scope="module")
def minilm() -> TextModel:
    return load_model(identify(MINILM, precision="float32"), "cpu")


def _copy(target: Path, *left_out: str) -> Path:
    shutil.copytree(_minilm_folder(), target, ignore=lambda _, names: set(names) & set(left_out))
    return target


def test_minilm_gives_what_sentence_transformers_gives(minilm: TextModel) -> None:
    encoder = Encoder([minilm], "cut")
    found = encoder.encode(encoder.tokenize(TEXTS), 1_024)
    expected = SentenceTransformer(str(_minilm_folder()), device="cpu").encode(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(found.vectors, expected, atol=2e-6)
    assert found.vectors.dtype == np.float32
    assert found.is_truncated.tolist() == [False] * 4 + [True] * 2 + [False]
    assert found.n_unknown[3] > 0.1 * found.n_tokens[3]
    assert found.n_tokens[6] == 0


def test_two_devices_give_what_one_gives(minilm: TextModel) -> None:
    models = [load_model(identify(MINILM, precision="float32"), device) for device in hardware.devices("cpu,cpu")]
    found, alone = (
        encoder.encode(encoder.tokenize(TEXTS), 64).vectors
        for encoder in (Encoder(models, "cut"), Encoder([minilm], "cut"))
    )
    np.testing.assert_allclose(found, alone, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("long_texts", ["cut", "windows"])
def test_a_text_has_the_same_vector_whatever_it_is_embedded_with(minilm: TextModel, long_texts: str) -> None:
    encoder = Encoder([minilm], long_texts)
    sentence = "where does the long river that we saw from the train in the morning meet the sea"
    words = sentence.split()
    some = [" ".join(words[:n]) for n in range(0, len(words), 3)] + ["word " * 53, "word " * 97, "word " * 300]
    others = [" ".join(words[n:]) for n in range(len(words))] + ["pad " * n for n in (1, 26, 52, 54, 96, 98, 200, 299)]
    alone = np.concatenate([encoder.encode(encoder.tokenize([text]), 8_192).vectors for text in some])
    for company, batch_tokens in ((others + some, 8_192), (some[::-1] + others, 700)):
        found = encoder.encode(encoder.tokenize(company), batch_tokens).vectors
        np.testing.assert_array_equal(found[[company.index(text) for text in some]], alone)


def test_the_last_visible_token_decides_what_is_cut_off(minilm: TextModel) -> None:
    encoder = Encoder([minilm], "cut")
    assert encoder.tokenize(["a " * 254, "a " * 255]).is_truncated.tolist() == [False, True]


def test_two_long_prompts_with_a_shared_head_and_different_tails_stay_apart(minilm: TextModel) -> None:
    head = "You are a helpful assistant that answers with care and in full sentences. " * 20
    texts = [head + tail * 20 for tail in ("Which rivers flow into the Black Sea? ", "Sort this list in Python. ")]
    cut, windows = Encoder([minilm], "cut"), Encoder([minilm], "windows")
    same, apart = (encoder.encode(encoder.tokenize(texts), 4_096) for encoder in (cut, windows))
    assert same.is_truncated.all()
    assert np.linalg.norm(same.vectors[0] - same.vectors[1]) < 1e-5
    assert not apart.is_truncated.any()
    assert np.linalg.norm(apart.vectors[0] - apart.vectors[1]) > 0.3


def test_a_text_of_a_million_characters_is_read_and_cut_off(minilm: TextModel) -> None:
    encoder = Encoder([minilm], "cut")
    found = encoder.encode(encoder.tokenize(["word " * 200_000, "x" * 1_000_000]), 1_024)
    assert found.n_tokens.tolist() == [200_000, 1]
    assert found.is_truncated.tolist() == [True, False]
    assert found.n_unknown.tolist() == [0, 1]


def test_weights_that_are_not_the_published_ones_are_refused() -> None:
    with pytest.raises(ModelError, match="the published weights have"):
        folders.packaged(PRESET.package, hashlib.sha256(b"other").hexdigest())
    with pytest.raises(ModelError, match="the package no_such_package is not installed"):
        folders.packaged("no_such_package", "")


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "modules.json", "1_Pooling"])
def test_a_model_folder_that_lacks_a_file_is_refused(tmp_path: Path, name: str) -> None:
    folder = _copy(tmp_path / "model", name)
    with pytest.raises(ModelError, match=r"cannot be loaded: .* (is missing|has no weights)"):
        load_model(identify(str(folder), precision="float32"), "cpu")


def test_a_model_folder_without_a_tokenizer_or_with_broken_weights_is_refused(tmp_path: Path) -> None:
    folder = _copy(tmp_path / "model", "tokenizer.json", "vocab.txt")
    with pytest.raises(ModelError, match=r"tokenizer\.json is missing"):
        load_model(identify(str(folder), precision="float32"), "cpu")
    folder = _copy(tmp_path / "broken")
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(1_000)
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(identify(str(folder), precision="float32"), "cpu")


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"no usable CUDA device|has \d+ CUDA devices"):
        hardware.devices("cuda:77")
    with pytest.raises(SettingsError, match="is no device"):
        hardware.devices("cpu,gpu5")
    assert hardware.devices("cpu, cpu") == ("cpu", "cpu")


def test_precision_is_bfloat16_only_where_every_device_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    monkeypatch.setattr(hardware, "_CPU_INFO", info)
    for flags, expected in (("fpu avx512_bf16", "bfloat16"), ("fpu avx2", "float32")):
        info.write_text(f"flags : {flags}\n")
        assert hardware.resolve_precision("auto", ("cpu",)) == expected
    assert hardware.resolve_precision("bfloat16", ("cpu",)) == "bfloat16"
    assert hardware.resolve_precision("auto", ("mps",)) == "float32"
    with pytest.raises(SettingsError, match="precision is half"):
        hardware.resolve_precision("half", ("cpu",))


def test_only_a_preset_knows_its_eps() -> None:
    assert default_eps(MINILM) == 0.2
    assert default_eps("jinaai/jina-embeddings-v3-hf") == PRESETS["jina-embeddings-v3"].eps
    with pytest.raises(SettingsError, match="set eps"):
        default_eps("org/other-model")


def test_a_key_tells_everything_apart_that_changes_a_vector(tmp_path: Path) -> None:
    folder = _copy(tmp_path / "model")
    jina = "jina-embeddings-v3"
    identities = [
        *(identify(name, precision="float32") for name in PRESETS),
        *(identify(name, precision="float32") for name in ("org/name", "org/name@abc", "org/n.ame", str(folder))),
        *(identify(jina, precision="float32", dimension=dimension) for dimension in (32, 256)),
        identify(jina, precision="float32", max_tokens=512),
        identify(jina, precision="float32", long_texts="windows"),
        identify(jina, precision="bfloat16"),
        identify("jinaai/jina-embeddings-v3-hf@main", precision="float32"),
    ]
    keys = [identity.key for identity in identities]
    assert len(set(keys)) == len(keys)
    assert all("/" not in key and not key.startswith(".") for key in keys)
    same = identify(str(shutil.move(folder, tmp_path / "elsewhere" / "model")), precision="float32")
    assert same.key == identify(str(same.source), precision="float32").key == keys[len(PRESETS) + 3]
    with (tmp_path / "elsewhere" / "model" / "model.safetensors").open("r+b") as file:
        file.seek(-8, 2)
        file.write(b"\1" * 8)
    assert identify(str(same.source), precision="float32").key != same.key
    with pytest.raises(ModelError, match="have changed"):
        load_model(same, "cpu")


@pytest.mark.parametrize(
    ("model", "settings", "message"),
    [
        (MINILM, {"dimension": 128}, "dimension is 128; all-MiniLM-L6-v2 allows no other than its own"),
        ("org/name", {"dimension": 128}, "allows no other than its own"),
        ("jina-embeddings-v3", {"dimension": 16}, "allows 32 to 1024"),
        ("jina-embeddings-v3", {"dimension": 2048}, "allows 32 to 1024"),
        (MINILM, {"max_tokens": 512}, "allows 8 to 256"),
        (MINILM, {"long_texts": "head"}, "long_texts is head"),
    ],
)
def test_a_setting_that_the_model_does_not_allow_is_refused(model: str, settings: dict, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        identify(model, precision="float32", **settings)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    for model in (str(tmp_path / "absent"), "no-such-preset", "../up"):
        with pytest.raises(ModelError, match="is no preset, no directory, and no id"):
            identify(model, precision="float32")


def test_licences_that_forbid_commercial_use_are_known(tmp_path: Path) -> None:
    assert [preset.name for preset in PRESETS.values() if is_non_commercial(preset.licence)] == ["jina-embeddings-v3"]
    assert is_non_commercial(None) is None
    folder = _copy(tmp_path / "model", "README.md")
    assert identify(str(folder), precision="float32").non_commercial is None
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: cc-by-nc-sa-4.0\n---\n# A model\n")
    identity = identify(str(folder), precision="float32")
    assert (identity.licence, identity.non_commercial) == ("cc-by-nc-sa-4.0", True)


def test_a_model_of_the_hub_is_taken_from_the_cache_at_its_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = "0123456789abcdef" * 2 + "01234567"
    cache = tmp_path / "models--org--name"
    _copy(cache / "snapshots" / commit)
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for model in ("org/name", f"org/name@{commit}"):
        assert load_model(identify(model, precision="float32"), "cpu").revision == commit
    with pytest.raises(ModelError, match="org/name at revision v2 is not in the cache"):
        load_model(identify("org/name@v2", precision="float32"), "cpu")
