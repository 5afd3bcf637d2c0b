"""Text files as records: each record readable or broken, none lost, none fatal to the file."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from python_assets.errors import UnreadableFileError
from python_assets.sources.compression import open_binary
from python_assets.sources.json_array import split_array
from python_assets.sources.patterns import readable

_BOM = b"\xef\xbb\xbf"
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_MAX_RECORD_BYTES = 1 << 28
_HEAD_BYTES = 1 << 20
# As orjson writes a number that no double holds exactly, such as an integer of 23 digits.
_ROUNDED = re.compile(rb"[0-9]e\+")

csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True, slots=True)
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
    """Read JSON Lines, one record a line; blank lines are no records.

    Raises
    ------
    OSError, EOFError, zlib.error
        The compressed stream is broken or cut off.
    UnreadableFileError
        A line is too long.
    """
    with open_binary(path) as file:
        first = True
        while line := file.readline(_MAX_RECORD_BYTES):
            if len(line) == _MAX_RECORD_BYTES:
                raise UnreadableFileError(f"a line is longer than {_MAX_RECORD_BYTES >> 20} MiB")
            content = line.removeprefix(_BOM) if first else line
            first = False
            if (content := content.rstrip(b"\r\n")) and not content.isspace():
                yield _parse_json(content)


def read_json(path: Path) -> Iterator[Record]:
    """Read a JSON file: one array with one record an element, or one object a line.

    Raises
    ------
    OSError, EOFError, zlib.error
        The array or the compressed stream is broken or cut off.
    UnreadableFileError
        The file holds neither, or an element is too long.
    """
    if _has_objects_in_lines(path):
        yield from read_json_lines(path)
        return
    with open_binary(path) as file:
        for element in split_array(file):
            yield _parse_json(element)


def _has_objects_in_lines(path: Path) -> bool:
    with open_binary(path) as file:
        head = file.read(_HEAD_BYTES).removeprefix(_BOM).lstrip()
    first, line_end, _ = head.partition(b"\n")
    return first.startswith(b"{") and (not line_end or _parse_json(first).error is None)


def read_csv_header(path: Path) -> list[str]:
    """Read the column names of a CSV file, as `read_csv` gives them; empty where there are none."""
    with _open_text(path) as file:
        return next((_unique_names(fields) for fields, _, _ in _csv_rows(file) if fields), [])


def read_csv(path: Path) -> Iterator[Record]:
    """Read a CSV file with a header; columns without a name of their own get one by their position.

    A record with the wrong number of fields, a stray quote or invalid UTF-8 is broken: it comes
    with its text and an error.

    Raises
    ------
    OSError, EOFError, zlib.error
        The compressed stream is broken or cut off.
    UnreadableFileError
        A record is too long, such as behind a quote that never closes.
    """
    with _open_text(path) as file:
        header: list[str] | None = None
        for fields, text, error in _csv_rows(file):
            if header is None and fields:
                header = _unique_names(fields)
            elif fields or error:
                yield _csv_record(header or [], fields, text, error)


def _open_text(path: Path) -> IO[str]:
    return io.TextIOWrapper(open_binary(path), "utf-8-sig", errors="surrogateescape", newline="")


def _csv_rows(file: IO[str]) -> Iterator[tuple[list[str], str, str | None]]:
    lines = _RecordedLines(file)
    reader = csv.reader(lines, strict=True)
    while True:
        lines.clear()
        try:
            yield next(reader), lines.text(), None
        except StopIteration:
            return
        except csv.Error as failure:
            yield [], lines.text(), f"malformed CSV: {failure}"


def _unique_names(fields: list[str]) -> list[str]:
    names: dict[str, str] = {}
    for place, field in enumerate(fields):
        name = readable(field) or f"column{place}"
        while name.lower() in names:
            name = f"{name}_{place}"
        names[name.lower()] = name
    return list(names.values())


class _RecordedLines:
    """The lines of a file; remembers those handed out since the last `clear`."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.clear()

    def clear(self) -> None:
        self._lines: list[str] = []
        self._length = 0

    def text(self) -> str:
        return "".join(self._lines)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(_MAX_RECORD_BYTES - self._length + 1)
        if not line:
            raise StopIteration
        self._lines.append(line)
        self._length += len(line)
        if self._length > _MAX_RECORD_BYTES:
            raise UnreadableFileError(
                f"a record is longer than {_MAX_RECORD_BYTES >> 20} MiB; does a quote never close?"
            )
        return line


def _csv_record(header: list[str], fields: list[str], text: str, error: str | None) -> Record:
    if error is None and _SURROGATE.search(text):
        error = "invalid UTF-8"
    if error is None and len(fields) != len(header):
        error = f"expected {len(header)} fields, found {len(fields)}"
    if error is None:
        return Record(dict(zip(header, fields, strict=True)))
    return Record({}, readable(text).rstrip("\r\n"), error)


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


def json_text(record: Record, name: str) -> str | None:
    """Return one value of a JSON record as JSON text, None for null; numbers keep all their digits.

    Raises
    ------
    ValueError, RecursionError
        The value is nested too deeply.
    """
    value = record.values.get(name)
    if value is None:
        return None
    if type(value) is str:
        return orjson.dumps(value).decode()
    try:
        text = orjson.dumps(value)
    except orjson.JSONEncodeError:
        text = None
    if text is not None and not _ROUNDED.search(text):
        return text.decode()
    exact = _replace_surrogates(json.loads(record.text or "", parse_constant=lambda _: None))
    return json.dumps(exact[name], ensure_ascii=False)


def _replace_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub(_REPLACEMENT, value)
    if isinstance(value, list):
        return [_replace_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_replace_surrogates(k): _replace_surrogates(v) for k, v in value.items()}
    return value
