from __future__ import annotations

import pytest

from dagster_defs.model_settings import BATCH_TOKENS_CPU
from dagster_defs.settings import Settings
from python_assets.errors import SettingsError


def test_settings_say_what_the_vectors_are() -> None:
    settings = Settings(
        model="jina-embeddings-v3",
        dimension=256,
        max_tokens=512,
        long_texts="windows",
        precision="float32",
        device="cpu",
    )
    identity = settings.identity()
    assert (identity.dimension, identity.max_tokens, identity.long_texts) == (256, 512, "windows")
    assert (identity.precision, identity.adapter, identity.non_commercial) == ("float32", "text_matching", True)
    assert settings.forest_for(0.3).model == identity.key
    assert settings.resolved_batch_tokens() == BATCH_TOKENS_CPU
    assert Settings(device="cpu, cpu", batch_tokens=64).resolved_batch_tokens() == 64


def test_several_devices_share_the_model_and_the_first_gpu_compares() -> None:
    assert Settings(device="cpu,cpu").devices() == ("cpu", "cpu")
    assert Settings(device="cpu,cpu").clustering_device() == "cpu"
    assert Settings(device="cuda:1, cuda:0").clustering_device() == "cuda:1"


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(SettingsError, match="batch_tokens is 0"):
        Settings(batch_tokens=0).resolved_batch_tokens()
    with pytest.raises(SettingsError, match="CUDA device"):
        Settings(device="cuda:77").identity()
