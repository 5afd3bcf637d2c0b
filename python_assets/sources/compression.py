"""Files that may be compressed, by their suffix, as one stream of bytes."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import IO, Any

import zstandard

# As far as the format goes; some publishers compress with `zstd --long=31`.
_MAX_WINDOW = 2**31
_COMPRESSED_CHUNK = 1 << 14


def open_binary(path: Path) -> IO[bytes]:
    """Open a file for reading, decompressed when it ends in ``.gz`` or ``.zst``.

    Reading raises OSError, EOFError or zlib.error where the compressed stream is broken or cut off.
    """
    if path.suffix == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]
    if path.suffix == ".zst":
        return io.BufferedReader(_ZstdFile(path), 1 << 20)
    return path.open("rb", buffering=1 << 20)


class _ZstdFile(io.RawIOBase):
    """The frames of a zstd file, one after the other; unlike the package's reader it notices a cut."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._context = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
        self._frame: Any = None
        self._input = b""
        self._output = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._output:
            if not (self._input or self._fill()):
                return 0
            self._decompress()
        n_bytes = min(len(buffer), len(self._output))
        buffer[:n_bytes] = self._output[:n_bytes]
        self._output = self._output[n_bytes:]
        return n_bytes

    def close(self) -> None:
        self._file.close()
        super().close()

    def _fill(self) -> bool:
        self._input = self._file.read(_COMPRESSED_CHUNK)
        if not self._input and self._frame is not None:
            raise EOFError("the zstd stream ended before its last frame did")
        return bool(self._input)

    def _decompress(self) -> None:
        if self._frame is None:
            self._frame = self._context.decompressobj()
        try:
            self._output = memoryview(self._frame.decompress(self._input))
        except zstandard.ZstdError as error:
            raise OSError(str(error)) from None
        self._input = b""
        if self._frame.eof:
            self._input, self._frame = self._frame.unused_data, None
