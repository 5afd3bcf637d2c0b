"""Text files as records: each record readable or broken, none lost, none fatal to the file."""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

_BOM = b"\xef\xbb\xbf"
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"

csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True)
class Record:
    """One record of a text file.

    Attributes
    ----------
    values : dict of str to object
        Its columns; empty when the record cannot be read.
    text : str or None
        Its exact text; None where the columns say everything (a readable CSV record).
    error : str or None
        Why it cannot be read.
    """

    values: dict[str, Any]
    text: str | None = None
    error: str | None = None


def read_json_lines(path: Path) -> Iterator[Record]:
    """Read JSON Lines, plain or gzip-compressed, one record a line; blank lines are no records.

    Raises
    ------
    OSError, EOFError, zlib.error
        The compressed stream is broken or cut off.
    """
    with _open_binary(path) as file:
        for number, line in enumerate(file):
            content = line.removeprefix(_BOM) if number == 0 else line
            if (content := content.rstrip(b"\r\n")) and not content.isspace():
                yield _parse_json(content)


def read_csv(path: Path) -> Iterator[Record]:
    """Read a CSV file with a header; columns without a name are called ``column<position>``.

    A record with the wrong number of fields, a stray quote or invalid UTF-8 is broken: it comes
    with its text and an error.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        lines = _RecordedLines(file)
        reader = csv.reader(lines, strict=True)
        header: list[str] | None = None
        while True:
            lines.recorded.clear()
            error = None
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as failure:
                fields, error = [], f"malformed CSV: {failure}"
            if header is None and error is None:
                header = [name or f"column{place}" for place, name in enumerate(fields)]
            elif fields or error:
                yield _csv_record(header or [], fields, "".join(lines.recorded), error)


class _RecordedLines:
    """The lines of a file; remembers those handed out since `recorded` was last cleared."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.recorded: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self.recorded.append(line)
        return line


def _csv_record(header: list[str], fields: list[str], text: str, error: str | None) -> Record:
    if error is None and _SURROGATE.search(text):
        error = "invalid UTF-8"
    if error is None and len(fields) != len(header):
        error = f"expected {len(header)} fields, found {len(fields)}"
    if error is None:
        return Record(dict(zip(header, fields, strict=True)))
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Record({}, readable.rstrip("\r\n"), error)


def _parse_json(content: bytes) -> Record:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return Record({}, content.decode("utf-8", "backslashreplace"), "invalid UTF-8")
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        try:
            value = _replace_surrogates(json.loads(text))
        except (ValueError, RecursionError) as failure:
            return Record({}, text, f"not valid JSON: {failure}")
    if not isinstance(value, dict):
        return Record({}, text, f"not a JSON object but {type(value).__name__}")
    return Record(value, text)


def _replace_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub(_REPLACEMENT, value)
    if isinstance(value, list):
        return [_replace_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_replace_surrogates(k): _replace_surrogates(v) for k, v in value.items()}
    return value


def _open_binary(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")
