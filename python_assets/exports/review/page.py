"""A self-contained HTML page out of its parts and its data."""

from __future__ import annotations

import base64
import hashlib
import zlib
from importlib.resources import files
from typing import Any, BinaryIO

import orjson

SCRIPTS = (
    "text",
    "diff",
    "blocks",
    "cards",
    "marks",
    "pairs",
    "sweep",
    "search",
    "members",
    "clusters",
    "benchmarks",
    "page",
)


class PageTooLargeError(Exception):
    """The page would be larger than it may be."""


class PageWriter:
    """Write a page: its frame, then its data block by block, then its end.

    Parameters
    ----------
    file : BinaryIO
        Open for writing.
    max_bytes : int
        How large the page may be.

    Notes
    -----
    A block is JSON, compressed and in base64, in a script element that no browser runs. Base64 has no
    character that could end the element, whatever the texts hold. Memory is that of one block.
    """

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self._file = file
        self._left = max_bytes
        self._before, self._after = _frame().split(b"{{blocks}}")

    def start(self, head: Any) -> None:
        """Write the frame with the block that the page shows first."""
        before, after = self._before.split(b"{{head}}")
        self._write(before + _block("head", head) + after)

    def add(self, name: str, content: Any) -> None:
        """Write a block under the name by which the page asks for it.

        Raises
        ------
        PageTooLargeError
            The page would become larger than `max_bytes`.
        """
        self._write(_block(name, content))

    def end(self) -> None:
        """Write what follows the blocks."""
        self._write(self._after)

    def _write(self, content: bytes) -> None:
        self._left -= len(content)
        if self._left < 0:
            raise PageTooLargeError
        self._file.write(content)


def _block(name: str, content: Any) -> bytes:
    packed = base64.b64encode(zlib.compress(orjson.dumps(content)))
    return b'<script type="application/octet-stream" id="block-%b">%b</script>\n' % (name.encode(), packed)


def _frame() -> bytes:
    style = _source("page.css")
    script = b"".join(_source(f"{name}.js") for name in SCRIPTS)
    parts = {
        b"{{style_hash}}": _content_hash(style),
        b"{{script_hash}}": _content_hash(script),
        b"{{style}}": style,
        b"{{script}}": script,
    }
    page = _source("page.html")
    for mark, content in parts.items():
        page = page.replace(mark, content)
    return page


def _source(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()


def _content_hash(content: bytes) -> bytes:
    return b"'sha256-%b'" % base64.b64encode(hashlib.sha256(content).digest())
