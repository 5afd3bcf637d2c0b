"""Where the records of a text file lie in its bytes, found by other means than the loader's."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import zstandard

Span = tuple[int, int]


def unpacked(path: Path) -> bytes:
    """Return what a file holds once it is decompressed."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(content)
    if path.suffix == ".zst":
        with zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True) as reader:
            return bytes(reader.read())
    return content


def packed(content: bytes, path: Path) -> bytes:
    """Compress what a file of that name holds."""
    if path.suffix == ".gz":
        return gzip.compress(content, mtime=0)
    if path.suffix == ".zst":
        return zstandard.compress(content)
    return content


def records(content: bytes, file_format: str) -> list[Span]:
    """Return the start and the end of each record; the header of a CSV file is none."""
    if file_format == "csv":
        return _of_csv(content)[1:]
    if file_format == "json" and content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"["):
        return _of_array(content)
    return _of_lines(content)


def _of_lines(content: bytes) -> list[Span]:
    spans = []
    start = 0
    for line in content.split(b"\n"):
        text = line.strip()
        if text and text != b"\xef\xbb\xbf":
            spans.append((start, start + len(line.rstrip(b"\r"))))
        start += len(line) + 1
    return spans


def _of_array(content: bytes) -> list[Span]:
    text = content.decode("latin-1")
    decoder = json.JSONDecoder(strict=False)
    place = text.index("[") + 1
    spans: list[Span] = []
    while True:
        while text[place] in " \t\r\n,":
            place += 1
        if text[place] == "]":
            return spans
        _, end = decoder.raw_decode(text, place)
        spans.append((place, end))
        place = end


def _of_csv(content: bytes) -> list[Span]:
    lines = io.StringIO(content.decode("latin-1"), newline="").readlines()
    ends = [0]
    for line in lines:
        ends.append(ends[-1] + len(line))
    reader = csv.reader(lines)
    spans = []
    before = 0
    for fields in reader:
        if fields:
            spans.append((ends[before], ends[reader.line_num]))
        before = reader.line_num
    return spans
