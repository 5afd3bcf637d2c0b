"""What makes vectors comparable: the model, exactly, and how it is used."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from python_assets.embeddings.folders import fingerprint, folder_adapter, folder_licence
from python_assets.embeddings.presets import PRESETS, find_preset, is_non_commercial
from python_assets.errors import ModelError, SettingsError

CUT, WINDOWS = "cut", "windows"
LONG_TEXTS = (CUT, WINDOWS)
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True)
class ModelIdentity:
    """A model and all that decides what its vectors are.

    Attributes
    ----------
    name : str
        As the settings name it.
    source : str
        A Hub id, a directory, or an installed package.
    kind : str
        hub, directory or package: what `source` is.
    revision : str
        Commit or branch of the Hub, or a digest of the files.
    precision : str
        float32 or bfloat16.
    adapter, prefix : str
        See `ModelPreset`.
    dimension, max_tokens : int or None
        None: what the model has.
    long_texts : str
        ``cut``: a longer text than the maximum is cut off and flagged; ``windows``: it is seen in
        overlapping windows, whose vectors are averaged.
    licence : str or None
        None where it is not known.
    """

    name: str
    source: str
    kind: str
    revision: str
    precision: str
    adapter: str = ""
    prefix: str = ""
    dimension: int | None = None
    max_tokens: int | None = None
    long_texts: str = CUT
    licence: str | None = None

    @property
    def non_commercial(self) -> bool | None:
        """Whether the licence forbids commercial use; None where it is not known."""
        return is_non_commercial(self.licence)

    @property
    def can_cut(self) -> bool:
        """Whether the model was trained so that the first numbers of a vector are a vector, too."""
        return _dimensions(self)[0] > 0

    @property
    def key(self) -> str:
        """Name of the vectors: the same key means that vectors may be compared and reused."""
        what = {name: value for name, value in asdict(self).items() if name not in ("name", "licence")}
        if self.kind != "hub":
            # the same files are the same model, wherever they lie
            what["source"] = ""
        digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:12]
        readable = re.sub(r"[^A-Za-z0-9.-]+", "-", Path(self.name).name).strip("-.")
        return f"{readable}-{self.precision}-{digest}"

    def described(self) -> dict[str, Any]:
        """Return all of it by name."""
        return asdict(self)


def identify(
    model: str,
    *,
    precision: str,
    dimension: int | None = None,
    max_tokens: int | None = None,
    long_texts: str = CUT,
) -> ModelIdentity:
    """Return what a model's vectors are, without loading it.

    Parameters
    ----------
    model : str
        A preset's name, a directory, or an id on the Hub (``org/name`` or ``org/name@revision``).
    precision : str
        float32 or bfloat16.
    dimension : int, optional
        Cut the vectors to this length and scale them to norm 1 again.
    max_tokens : int, optional
        Longer texts are cut off there, or seen in windows of that length.
    long_texts : str
        cut or windows.

    Raises
    ------
    SettingsError
        A setting that this model does not allow.
    ModelError
        The model is no preset, no directory and no id.
    """
    if long_texts not in LONG_TEXTS:
        raise SettingsError(f"long_texts is {long_texts}; it must be one of {', '.join(LONG_TEXTS)}")
    base = replace(_named(model, precision), long_texts=long_texts)
    if max_tokens is not None:
        if max_tokens < 8 or (base.max_tokens is not None and max_tokens > base.max_tokens):
            raise SettingsError(
                f"max_tokens is {max_tokens}; {model} allows 8 to {base.max_tokens or 'its own maximum'}"
            )
        base = replace(base, max_tokens=max_tokens)
    if dimension is not None and dimension != base.dimension:
        smallest, largest = _dimensions(base)
        if not smallest <= dimension <= largest:
            allowed = f"{smallest} to {largest}" if smallest else "no other than its own"
            raise SettingsError(f"dimension is {dimension}; {model} allows {allowed}")
        base = replace(base, dimension=dimension)
    return base


def default_eps(model: str) -> float:
    """Return the default Euclidean eps of a model.

    Raises
    ------
    SettingsError
        The model is no preset, so that no default is known.
    """
    preset = find_preset(model)
    if preset is None:
        raise SettingsError(f"no default eps is known for the model {model}; set eps")
    return preset.eps


def _named(model: str, precision: str) -> ModelIdentity:
    directory = Path(model).expanduser()
    if preset := find_preset(model):
        return ModelIdentity(
            name=model,
            source=preset.package or preset.repo,
            kind="package" if preset.package else "hub",
            revision=preset.revision,
            precision=precision,
            adapter=preset.adapter,
            prefix=preset.prefix,
            dimension=preset.dimension,
            max_tokens=preset.max_tokens,
            licence=preset.licence,
        )
    if directory.is_dir():
        return ModelIdentity(
            name=model,
            source=str(directory.resolve()),
            kind="directory",
            revision=fingerprint(directory),
            precision=precision,
            adapter=folder_adapter(directory),
            licence=folder_licence(directory),
        )
    repo, _, revision = model.partition("@")
    if not _HUB_ID.fullmatch(repo):
        raise ModelError(f"the model {model} is no preset, no directory, and no id on the Hub (org/name)")
    known = find_preset(repo)
    if known is not None:
        return replace(_named(repo, precision), name=model, revision=revision)
    return ModelIdentity(name=model, source=repo, kind="hub", revision=revision or "main", precision=precision)


def _dimensions(base: ModelIdentity) -> tuple[int, int]:
    of_adapter = (preset for preset in PRESETS.values() if base.adapter and preset.adapter == base.adapter)
    preset = find_preset(base.source) or next(of_adapter, None)
    return (preset.smallest_dimension, preset.dimension) if preset and preset.smallest_dimension else (0, -1)
