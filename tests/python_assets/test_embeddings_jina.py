"""jina-embeddings-v3, by a tiny random model of the same class; by the real one where its weights are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import JinaEmbeddingsV3Config, JinaEmbeddingsV3Model, PreTrainedTokenizerFast

from python_assets.embeddings.encoder import Encoder
from python_assets.embeddings.identity import identify
from python_assets.embeddings.loading import load_model
from python_assets.embeddings.models import TextModel
from python_assets.errors import ModelError, SettingsError

WORDS = ["how", "do", "I", "boil", "an", "egg", "?", "rivers", "of", "the", "world", "a"]
TEXTS = ["how do I boil an egg ?", "rivers of the world", "how zzz", "the " * 50, "egg"]
WEIGHTS = "JINA_EMBEDDINGS_V3_DIR"


def _save_tokenizer(folder: Path) -> None:
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    vocabulary = {word: index for index, word in enumerate([*special, *WORDS])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", vocabulary["<s>"]), ("</s>", vocabulary["</s>"])]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with an adapter, saved as the published one is."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("jina")
    config = JinaEmbeddingsV3Config(
        num_hidden_layers=2,
        hidden_size=64,
        intermediate_size=128,
        num_attention_heads=4,
        vocab_size=4 + len(WORDS),
        max_position_embeddings=34,
    )
    model = JinaEmbeddingsV3Model(config)
    model.save_pretrained(path)
    _save_tokenizer(path)
    model.add_adapter(
        LoraConfig(r=4, lora_alpha=4, target_modules=["q_proj", "v_proj", "word_embeddings"], init_lora_weights=False),
        adapter_name="text_matching",
    )
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "text_matching" in name:
                weight.normal_(std=0.5)
    model.save_pretrained(path / "text_matching")
    return path


@pytest.fixture
def changed(folder: Path, tmp_path: Path) -> Callable[..., Path]:
    def copy(*left_out: str) -> Path:
        return shutil.copytree(folder, tmp_path / "copy", ignore=lambda _, names: set(names) & set(left_out))

    return copy


def _load(folder: Path, **settings: object) -> TextModel:
    return load_model(identify(str(folder), precision="float32", **settings), "cpu")  # type: ignore[arg-type]


def _vectors(folder: Path, **settings: object) -> np.ndarray:
    encoder = Encoder([_load(folder, **settings)], "cut")
    return encoder.encode(encoder.tokenize(TEXTS), 64).vectors


def _by_hand(folder: Path, *, with_adapter: bool) -> np.ndarray:
    """One text at a time, without padding and with the adapter beside the weights."""
    model = JinaEmbeddingsV3Model.from_pretrained(folder).eval()
    if with_adapter:
        model.load_adapter(str(folder / "text_matching"), adapter_name="text_matching")
        model.set_adapter("text_matching")
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    rows = []
    for text in TEXTS:
        ids = tokenizer(text, truncation=True, max_length=32, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            rows.append(model(input_ids=ids).last_hidden_state[0].mean(dim=0))
    return torch.nn.functional.normalize(torch.stack(rows), dim=1).numpy()


def test_vectors_are_the_masked_means_of_the_adapted_model(folder: Path) -> None:
    found = _vectors(folder)
    assert found.shape == (5, 64)
    np.testing.assert_allclose(found, _by_hand(folder, with_adapter=True), atol=2e-6)
    assert np.linalg.norm(found - _by_hand(folder, with_adapter=False), axis=1).min() > 0.1


def test_fewer_dimensions_are_cut_and_scaled_again(folder: Path) -> None:
    whole, cut = _vectors(folder), _vectors(folder, dimension=32)
    np.testing.assert_allclose(cut, whole[:, :32] / np.linalg.norm(whole[:, :32], axis=1, keepdims=True), atol=1e-6)
    with pytest.raises(ModelError, match="has 64 dimensions, not 128"):
        _load(folder, dimension=128)
    with pytest.raises(SettingsError, match="allows 32 to 1024"):
        _load(folder, dimension=8)


def test_a_longer_prompt_is_cut_off_and_flagged(folder: Path) -> None:
    encoder = Encoder([_load(folder)], "cut")
    assert encoder.tokenize(["the " * 30, "the " * 31]).is_truncated.tolist() == [False, True]
    with pytest.raises(ModelError, match="sees at most 34 tokens, not 100"):
        _load(folder, max_tokens=100)


def test_bfloat16_moves_a_vector_a_little(folder: Path) -> None:
    encoder = Encoder([load_model(identify(str(folder), precision="bfloat16"), "cpu")], "cut")
    moved = np.linalg.norm(encoder.encode(encoder.tokenize(TEXTS), 64).vectors - _vectors(folder), axis=1)
    assert 0 < moved.max() < 0.05


@pytest.mark.parametrize("name", ["text_matching", "adapter_model.safetensors", "adapter_config.json"])
def test_without_its_adapter_the_model_is_refused(changed: Callable[..., Path], name: str) -> None:
    with pytest.raises(ModelError, match=r"text_matching/adapter_.* is missing"):
        _load(changed(name))


def test_an_adapter_that_changes_nothing_is_refused(changed: Callable[..., Path]) -> None:
    from safetensors.torch import load_file, save_file

    folder = changed()
    path = folder / "text_matching" / "adapter_model.safetensors"
    save_file({name: torch.zeros_like(weight) for name, weight in load_file(path).items()}, path)
    with pytest.raises(ModelError, match="its adapter text_matching changes no weight"):
        _load(folder)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_missing_file_is_refused(changed: Callable[..., Path], name: str) -> None:
    with pytest.raises(ModelError, match=r"is missing|cannot be loaded|no safetensors"):
        _load(changed(name))


def test_missing_weights_are_refused(changed: Callable[..., Path]) -> None:
    from safetensors.torch import load_file, save_file

    folder = changed()
    path = folder / "model.safetensors"
    weights = load_file(path)
    gone = next(name for name in weights if "layers.1" in name or "layer.1" in name)
    save_file({name: weight for name, weight in weights.items() if name != gone}, path, metadata={"format": "pt"})
    with pytest.raises(ModelError, match="lacks the weights"):
        _load(folder)


@pytest.mark.slow
@pytest.mark.skipif(WEIGHTS not in os.environ, reason=f"set {WEIGHTS} to a folder with the published weights")
def test_the_published_weights_give_the_published_values() -> None:
    model = _load(Path(os.environ[WEIGHTS]))
    ids = np.concatenate(
        [model.head, model.tokenize(["Jina Embeddings V3 is great for semantic search."])[0], model.tail]
    )
    with torch.inference_mode():
        hidden = model.transformer(input_ids=torch.tensor(ids[None])).last_hidden_state[0, 1:4, 1:10]
    expected = [
        [-1.5888, 1.0527, 0.1237, -0.0822, 1.6507, -1.0371, -0.8815, -0.8082, -0.6564],
        [-1.6529, 1.3143, 0.1957, 0.2914, 1.4897, -0.8735, -1.0067, -0.7544, -1.0513],
        [-1.5308, 1.4805, -0.1393, 0.3879, 1.4373, -0.6064, -1.6436, 0.4793, -1.3388],
    ]
    np.testing.assert_allclose(hidden.numpy(), expected, atol=1e-4)
