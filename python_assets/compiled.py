"""
Compile functions and keep their machine code, keyed by the sources of all packages that have some.

numba's own cache looks at the file a function stands in and not at the files of the functions it
calls, so after an upgrade a caller could go on with old code of a changed callee.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

_CONFIG: Any = numba.config
_PACKAGES = ("clustering", "contamination")
_Function = TypeVar("_Function", bound=Callable[..., Any])


def _cache_directory() -> Path | None:
    sources = sorted(path for package in _PACKAGES for path in (Path(__file__).parent / package).glob("*.py"))
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    parent = Path(_CONFIG.CACHE_DIR or Path(__file__).parent / "__pycache__")
    directory = parent / f"kernels_{digest}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return directory if os.access(directory, os.W_OK) else None


_DIRECTORY = _cache_directory()


def kernel(**options: Any) -> Callable[[_Function], _Function]:
    """
    Decorate a function that numba compiles without the interpreter.

    Parameters
    ----------
    **options
        Of `numba.njit`: parallel, fastmath, and so on.

    Returns
    -------
    callable
        The decorator. Machine code is kept beside the sources (or in NUMBA_CACHE_DIR), and only in
        memory where neither can be written.
    """

    def decorate(function: _Function) -> _Function:
        if _DIRECTORY is None:
            return cast(_Function, numba.njit(**options)(function))
        usual = _CONFIG.CACHE_DIR
        _CONFIG.CACHE_DIR = str(_DIRECTORY)
        try:
            return cast(_Function, numba.njit(cache=True, **options)(function))
        finally:
            _CONFIG.CACHE_DIR = usual

    return decorate
