"""Which files of a repository a dataset takes, by name alone, and which names are safe."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath, PureWindowsPath

# Where download tools keep their own notes inside a repository's directory.
CACHE_DIR = ".cache"


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a file is taken, by the rules of ``Path.glob``; nothing below ``.cache`` ever is.

    Parameters
    ----------
    name : str
        Path below the repository's root.
    patterns : iterable of str
        A part of a pattern matches one part of the name, ``**`` any number of directories.
    """
    parts = name.split("/")
    return CACHE_DIR not in parts and any(_matches(parts, pattern.split("/")) for pattern in patterns)


def leaves_its_directory(name: str) -> bool:
    """Tell whether a path that should be relative leads, or could lead, out of the directory it is joined to."""
    parts = name.replace("\\", "/").split("/")
    anchored = PurePosixPath(name).is_absolute() or any(PureWindowsPath(part).anchor for part in (name, *parts))
    return anchored or ".." in parts or "\0" in name


def is_text(name: str) -> bool:
    """Tell whether a name can be written: bytes that are no UTF-8 are lone surrogates in Python's names."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def readable(text: str) -> str:
    """Write the bytes of a name that are no UTF-8, lone surrogates in Python, as hexadecimal numbers."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _matches(parts: list[str], pattern: list[str]) -> bool:
    if not pattern or not parts:
        return parts == pattern
    if pattern[0] == "**":
        return _matches(parts, pattern[1:]) or _matches(parts[1:], pattern)
    return fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
