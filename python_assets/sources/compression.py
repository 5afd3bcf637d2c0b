"""Files that may be compressed, by their suffix, as one stream of bytes."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import IO, Any

import zstandard

from python_assets.errors import UnreadableFileError

# Text compresses to a fifth or a tenth; what unpacks to more than this is made to fill memory and disk.
MAX_RATIO = 200
_UNBOUNDED_BYTES = 1 << 26

# As far as the format goes; some publishers compress with `zstd --long=31`.
_MAX_WINDOW = 2**31
# What no text in UTF-8 begins with.
_NO_TEXT = {
    b"\x1f\x8b": "compressed with gzip, but its name does not end in .gz",
    b"\x28\xb5\x2f\xfd": "compressed with zstd, but its name does not end in .zst",
    b"\xff\xfe": "text in UTF-16 or UTF-32, not UTF-8",
    b"\xfe\xff": "text in UTF-16, not UTF-8",
}
# A block of 128 KiB can stand in 4 bytes: one portion unpacks to 128 MiB at most.
_COMPRESSED_CHUNK = 1 << 12


def open_binary(path: Path) -> IO[bytes]:
    """Open a file for reading, decompressed when it ends in ``.gz`` or ``.zst``.

    Raises
    ------
    UnreadableFileError
        It is compressed, or in another encoding, and its name does not say so.

    Notes
    -----
    Reading raises OSError, EOFError or zlib.error where the compressed stream is broken or cut off,
    and UnreadableFileError where it unpacks to more than `MAX_RATIO` times what was read of it.
    """
    file = io.BufferedReader(io.FileIO(path), 1 << 20)
    if path.suffix == ".gz":
        return io.BufferedReader(_Bounded(file, gzip.GzipFile(fileobj=file)), 1 << 20)
    if path.suffix == ".zst":
        return io.BufferedReader(_Bounded(file, _ZstdFile(file)), 1 << 20)
    for start, what in _NO_TEXT.items():
        if file.peek(len(start)).startswith(start):
            file.close()
            raise UnreadableFileError(f"it is {what}")
    return file


class _Bounded(io.RawIOBase):
    """A decompressed stream that ends with an error when it grows out of proportion."""

    def __init__(self, compressed: IO[bytes], decompressed: Any) -> None:
        self._compressed = compressed
        self._decompressed = decompressed
        self._n_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        n_bytes = int(self._decompressed.readinto(buffer))
        self._n_bytes += n_bytes
        if self._n_bytes > max(_UNBOUNDED_BYTES, MAX_RATIO * self._compressed.tell()):
            raise UnreadableFileError(
                f"it unpacks to more than {MAX_RATIO} times its size, as a decompression bomb does; "
                "if it is what it should be, unpack it by hand"
            )
        return n_bytes

    def close(self) -> None:
        self._decompressed.close()
        self._compressed.close()
        super().close()


class _ZstdFile(io.RawIOBase):
    """The frames of a zstd file, one after the other; unlike the package's reader it notices a cut."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
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
