"""From a model's files to a loaded model."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from python_assets.embeddings.folders import (
    JINA_MODEL_TYPE,
    downloaded,
    fingerprint,
    first_line,
    packaged,
    read_config,
)
from python_assets.embeddings.hardware import BFLOAT16
from python_assets.embeddings.identity import ModelIdentity
from python_assets.embeddings.models import TextModel, assemble, mean_pooling
from python_assets.errors import ModelError

_ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")


def load_model(identity: ModelIdentity, device: str) -> TextModel:
    """Load a model onto a device.

    Raises
    ------
    ModelError
        The model is missing, incomplete, or not what its identity says.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder, revision = _locate(identity)
    _require(identity, folder, "config.json")
    if not list(folder.glob("*.safetensors")):
        raise ModelError(
            f"the model {identity.name} cannot be loaded: {folder} has no weights in the format safetensors; "
            "save it once with save_pretrained and name that folder"
        )
    is_jina = read_config(folder).get("model_type") == JINA_MODEL_TYPE
    if bool(identity.adapter) != is_jina:
        raise ModelError(
            f"the model {identity.name} cannot be loaded: {folder} is {'a' if is_jina else 'no'} {JINA_MODEL_TYPE} "
            "model; name such a model by its preset or its folder, and no other"
        )
    load: Callable[[ModelIdentity, Path, str, str], TextModel] = _load_jina if is_jina else _load_sentence_transformer
    try:
        return load(identity, folder, revision, device)
    except ModelError:
        raise
    except Exception as error:  # what a broken file raises depends on the library that reads it
        raise ModelError(f"the model {identity.name} cannot be loaded: {first_line(error)}") from error


def _locate(identity: ModelIdentity) -> tuple[Path, str]:
    if identity.kind == "package":
        return packaged(identity.source, identity.revision), identity.revision
    if identity.kind == "directory":
        folder = Path(identity.source)
        if fingerprint(folder) != identity.revision:
            raise ModelError(f"the files in {folder} have changed since the run began")
        return folder, identity.revision
    folder = downloaded(identity.source, identity.revision)
    return folder, folder.name


def _load_sentence_transformer(identity: ModelIdentity, folder: Path, revision: str, device: str) -> TextModel:
    _require(identity, folder, "modules.json")
    for module in json.loads((folder / "modules.json").read_text(encoding="utf-8")):
        if module["path"] and not module["type"].endswith(".Normalize"):
            _require(identity, folder, f"{module['path']}/config.json")
    if not any((folder / name).is_file() for name in ("tokenizer.json", "vocab.txt", "sentencepiece.bpe.model")):
        _require(identity, folder, "tokenizer.json")
    from sentence_transformers import SentenceTransformer

    loaded = SentenceTransformer(
        str(folder),
        device=device,
        trust_remote_code=False,
        local_files_only=True,
        model_kwargs={"use_safetensors": True, **_attention(identity, device)},
    )
    first, rest = loaded[0], list(loaded)[1:]
    if not hasattr(first, "auto_model") or not rest:
        raise ModelError(f"the model {identity.name} is no transformer with a pooling")

    def pooling(features: dict[str, Any]) -> Any:
        for module in rest:
            features = module(features)
        return features["sentence_embedding"]

    return assemble(
        identity,
        device,
        revision,
        loaded.tokenizer,
        first.auto_model,
        pooling,
        int(loaded.get_embedding_dimension() or 0),
        int(loaded.max_seq_length or loaded.tokenizer.model_max_length),
    )


def _load_jina(identity: ModelIdentity, folder: Path, revision: str, device: str) -> TextModel:
    for name in _ADAPTER_FILES:
        _require(identity, folder, f"{identity.adapter}/{name}")
    _require(identity, folder, "tokenizer.json")
    import torch
    from transformers import AutoModel, AutoTokenizer

    transformer, found = AutoModel.from_pretrained(
        folder,
        use_safetensors=True,
        local_files_only=True,
        dtype=torch.float32,
        output_loading_info=True,
        **_attention(identity, device),
    )
    missing = [name for name in found["missing_keys"] if not name.startswith("pooler.")]
    if missing:
        raise ModelError(f"the model {identity.name} cannot be loaded: {folder} lacks the weights {missing[0]}")
    _merge_adapter(identity, transformer, folder / identity.adapter)
    return assemble(
        identity,
        device,
        revision,
        AutoTokenizer.from_pretrained(folder, local_files_only=True),
        transformer,
        mean_pooling,
        int(transformer.config.hidden_size),
        # positions start behind the padding's
        int(transformer.config.max_position_embeddings) - 2,
    )


def _merge_adapter(identity: ModelIdentity, transformer: Any, folder: Path) -> None:
    """Add the adapter to the weights, in float32: the same vectors as beside them, and faster."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    transformer.load_adapter(str(folder), adapter_name=identity.adapter)
    transformer.set_adapter(identity.adapter)
    layers = [module for module in transformer.modules() if isinstance(module, BaseTunerLayer)]
    parts = [
        weight
        for name, weight in transformer.named_parameters()
        if identity.adapter in name and ("lora_B" in name or "lora_embedding_B" in name)
    ]
    if not layers or not any(bool(weight.any()) for weight in parts):
        raise ModelError(f"the model {identity.name}: its adapter {identity.adapter} changes no weight")
    for layer in layers:
        layer.merge(safe_merge=True)


def _attention(identity: ModelIdentity, device: str) -> dict[str, str]:
    """Choose attention over sequences of their own lengths where it is installed."""
    flash = device.startswith("cuda") and identity.precision == BFLOAT16 and find_spec("flash_attn") is not None
    return {"attn_implementation": "flash_attention_2"} if flash else {}


def _require(identity: ModelIdentity, folder: Path, name: str) -> None:
    if not (folder / name).is_file():
        raise ModelError(f"the model {identity.name} cannot be loaded: {folder / name} is missing")
