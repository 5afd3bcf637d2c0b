"""What this machine can compute with."""

from __future__ import annotations

import sys
from pathlib import Path

from python_assets.errors import SettingsError

FLOAT32, BFLOAT16 = "float32", "bfloat16"
PRECISIONS = ("auto", FLOAT32, BFLOAT16)

_CPU_INFO = Path("/proc/cpuinfo")
_CPU_BFLOAT16 = {"avx512_bf16", "amx_bf16"}
_GPU_NODES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")


def devices(setting: str | None) -> tuple[str, ...]:
    """Return the devices that a setting names.

    Parameters
    ----------
    setting : str or None
        Torch devices, separated by commas; None or empty for the best one of this machine.

    Raises
    ------
    SettingsError
        A device does not exist on this machine.
    """
    named = tuple(name.strip() for name in (setting or "").split(",") if name.strip())
    for name in named:
        _check(name)
    return named or (_best(),)


def resolve_precision(precision: str, on: tuple[str, ...]) -> str:
    """Return float32 or bfloat16: for auto, bfloat16 where every device computes in it.

    Raises
    ------
    SettingsError
        The precision is none of auto, float32 and bfloat16.
    """
    if precision not in PRECISIONS:
        raise SettingsError(f"precision is {precision}; it must be one of {', '.join(PRECISIONS)}")
    if precision != "auto":
        return precision
    return BFLOAT16 if all(_has_bfloat16(name) for name in on) else FLOAT32


def _best() -> str:
    # torch takes seconds to import; without a node of a GPU driver it would say cpu
    if sys.platform != "darwin" and not any(Path(node).exists() for node in _GPU_NODES):
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _check(name: str) -> None:
    if name == "cpu":
        return
    import torch

    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise SettingsError(f"device is {name}, which is no device: {str(error).splitlines()[0]}") from None
    if device.type == "cuda":
        if not torch.cuda.is_available():
            raise SettingsError(f"device is {name}, but this machine has no usable CUDA device")
        if device.index is not None and device.index >= torch.cuda.device_count():
            raise SettingsError(f"device is {name}, but this machine has {torch.cuda.device_count()} CUDA devices")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise SettingsError(f"device is {name}, but this machine has no usable MPS device")


def _has_bfloat16(name: str) -> bool:
    if name == "cpu":
        return _CPU_INFO.exists() and not _CPU_BFLOAT16.isdisjoint(_CPU_INFO.read_text().split())
    if not name.startswith("cuda"):
        return False
    import torch

    return torch.cuda.get_device_capability(name) >= (8, 0)
