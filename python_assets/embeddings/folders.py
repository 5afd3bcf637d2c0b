"""The folder in which a model's files lie: finding it, telling it from others, knowing its licence."""

from __future__ import annotations

import hashlib
import json
import os
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from python_assets.embeddings.presets import JINA, PRESETS
from python_assets.errors import ModelError

JINA_MODEL_TYPE = "jina_embeddings_v3"
FILE_SUFFIXES = (".json", ".safetensors", ".txt", ".model")

_SAMPLES, _SAMPLE_BYTES = 64, 1 << 16
_LICENCE = re.compile(r"^licen[sc]e:\s*[\"']?([^\s\"']+)", re.MULTILINE)
_COMMIT = re.compile(r"[0-9a-f]{40}")


def fingerprint(directory: Path) -> str:
    """Return a digest of a model's files, 12 hexadecimal digits.

    Small files count whole, weights by their size and 64 samples over their length, so that it
    takes milliseconds and other weights still have another digest.
    """
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*")):
        if path.suffix in FILE_SUFFIXES and path.is_file():
            size = path.stat().st_size
            digest.update(f"{path.relative_to(directory).as_posix()}\0{size}\0".encode())
            step = max(_SAMPLE_BYTES, size // _SAMPLES)
            with path.open("rb") as file:
                for start in range(0, size, step):
                    file.seek(start)
                    digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:12]


def folder_adapter(directory: Path) -> str:
    """Return the adapter that a model in a directory must be used with; empty for none."""
    return PRESETS[JINA].adapter if read_config(directory).get("model_type") == JINA_MODEL_TYPE else ""


def folder_licence(directory: Path) -> str | None:
    """Return the licence of a model in a directory, from the head of its README; None when it does not say."""
    readme = directory / "README.md"
    if readme.is_file():
        head = readme.read_text(encoding="utf-8", errors="replace").split("\n---", 1)[0]
        if found := _LICENCE.search(head):
            return found[1]
    return PRESETS[JINA].licence if folder_adapter(directory) else None


def read_config(directory: Path) -> dict[str, Any]:
    """Return a model's config.json; empty where there is none.

    Raises
    ------
    ModelError
        The file is no JSON.
    """
    path = directory / "config.json"
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ModelError(f"{path} cannot be read: {error}") from None


@cache
def packaged(package: str, sha256: str) -> Path:
    """Return the model folder of an installed package, its weights verified.

    Raises
    ------
    ModelError
        The package is not there, or its weights are not the published ones.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"the package {package} is not installed; run `make setup`, or name another model")
    directory = Path(next(iter(spec.submodule_search_locations))) / "model"
    weights = directory / "model.safetensors"
    if not weights.is_file():
        raise ModelError(f"{weights} is missing; reinstall {package}")
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != sha256:
        raise ModelError(
            f"{weights} has the sha256 {digest}, but the published weights have {sha256}; reinstall {package}"
        )
    return directory


def downloaded(repo: str, revision: str) -> Path:
    """Return the folder of a Hub model: from the cache, else downloaded.

    Raises
    ------
    ModelError
        It is neither in the cache nor can it be downloaded, or it is another revision.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import snapshot_download

    wanted: dict[str, Any] = {
        "revision": revision,
        "allow_patterns": [f"*{suffix}" for suffix in FILE_SUFFIXES] + ["README.md"],
        "ignore_patterns": ["onnx/*", "openvino/*"],
    }
    try:
        try:
            found = Path(snapshot_download(repo, local_files_only=True, **wanted))
        except FileNotFoundError:
            found = Path(snapshot_download(repo, **wanted))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{repo} at revision {revision} is not in the cache of the Hub and cannot be downloaded "
            f"({first_line(error)}); download it on a machine with network and copy the cache (HF_HOME), "
            "or name a folder that holds the model"
        ) from error
    if _COMMIT.fullmatch(revision) and found.name != revision:
        raise ModelError(f"{repo} was asked for at revision {revision}, but {found} is {found.name}")
    return found


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its type where it has none."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
