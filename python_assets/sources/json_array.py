"""One JSON array in a file, element by element: the file is never in memory as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from python_assets.errors import UnreadableFileError

MAX_ELEMENT_BYTES = 1 << 28
_CHUNK = 1 << 20

_CUT = "the array is cut off"
_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_BLANK = re.compile(rb"[ \t\r\n]*+")
_BETWEEN = re.compile(rb"[ \t\r\n,]*+")
# What may stand outside of strings: white space, numbers, true, false, null, NaN and Infinity.
_PLAIN = rb"[ \t\r\n,:0-9eE+\-.truefalsnNaIity]"
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_TO_BRACKET = re.compile(rb"(?:" + _PLAIN + rb"++|" + _STRING + rb")*+", re.DOTALL)
_SCALAR = re.compile(rb"(?:" + _STRING + rb'|[^ \t\r\n,"\[\]{}]++)', re.DOTALL)
_FIRST_KEY = re.compile(rb"\{[ \t\r\n]*+(" + _STRING + rb")", re.DOTALL)
_QUOTE, _END = b'"]'
_OPENING = {ord("}"): ord("{"), ord("]"): ord("[")}
_BEFORE_OPENING = {ord("{"): b":", ord("["): b"[,"}


def split_array(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the text of each element of the JSON array that the file holds.

    An element whose brackets or quotes do not close is yielded as it stands and ends where the next
    one begins: at the next object behind a comma whose first key is that of the elements so far.
    Nothing is said of elements that are no valid JSON otherwise.

    Raises
    ------
    UnreadableFileError
        The file holds something else than one array, or an element is too long.
    EOFError
        The array is cut off.
    """
    return _Array(file).elements()


class _UnbalancedError(Exception):
    """The brackets or quotes of an element do not close."""


class _Array:
    """A window on the file; the current element starts at `_start` in it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._window = b""
        self._start = 0
        self._dropped = 0
        self._key: bytes | None = None

    def elements(self) -> Iterator[bytes]:
        self._open()
        while self._skip(_BETWEEN) and self._window[self._start] != _END:
            try:
                length = self._length_of_element()
            except _UnbalancedError:
                length = self._length_up_to_next_element()
            element = self._window[self._start : self._start + length]
            if first := _FIRST_KEY.match(element):
                self._key = first[1]
            self._start += length
            yield element.rstrip(_SPACE + b",")
        if self._start == len(self._window):
            raise EOFError(_CUT)
        self._start += 1
        if self._skip(_BLANK):
            place = self._dropped + self._start
            raise UnreadableFileError(f"there is more behind the end of the array, at byte {place}")

    def _open(self) -> None:
        self._more()
        self._start = len(_BOM) if self._window.startswith(_BOM) else 0
        if not self._skip(_BLANK):
            raise EOFError("there is no JSON array in it")
        found = self._window[self._start : self._start + 1]
        if found != b"[":
            hint = "; one object a line is the format jsonl" if found == b"{" else ""
            raise UnreadableFileError(f"not a JSON array, it starts with {found.decode(errors='replace')!r}{hint}")
        self._start += 1

    def _skip(self, pattern: re.Pattern[bytes]) -> bool:
        """Move the start behind what the pattern matches; tell whether there is more behind it."""
        while True:
            self._start = _end(pattern, self._window, self._start)
            if self._start < len(self._window):
                return True
            if not self._more():
                return False

    def _length_of_element(self) -> int:
        length = self._length_of_value() if self._window[self._start] in b"[{" else self._length_of_scalar()
        while (behind := _end(_BLANK, self._window, self._start + length)) == len(self._window):
            self._more_of_element()
        # A comma that is missing between two objects loses nothing.
        if self._window[behind] not in b",]{":
            raise _UnbalancedError
        return length

    def _length_of_value(self) -> int:
        open_brackets = bytearray()
        length = 0
        while True:
            place = _end(_TO_BRACKET, self._window, self._start + length)
            length = place - self._start
            if place == len(self._window) or self._window[place] == _QUOTE:
                self._more_of_element()
                continue
            bracket = self._window[place]
            if bracket in b"{[":
                if open_brackets and not self._may_open(place, open_brackets[-1]):
                    raise _UnbalancedError
                open_brackets.append(bracket)
            elif bracket in _OPENING and open_brackets[-1] == _OPENING[bracket]:
                open_brackets.pop()
            else:
                raise _UnbalancedError
            length += 1
            if not open_brackets:
                return length

    def _length_of_scalar(self) -> int:
        while True:
            end = _end(_SCALAR, self._window, self._start)
            if self._start < end < len(self._window):
                return end - self._start
            if end == self._start and self._window[end] != _QUOTE:
                raise _UnbalancedError
            self._more_of_element()

    def _may_open(self, place: int, around: int) -> bool:
        place -= 1
        while self._window[place] in _SPACE:
            place -= 1
        return self._window[place] in _BEFORE_OPENING[around]

    def _length_up_to_next_element(self) -> int:
        keys = {self._key} if self._key else set()
        if first := _FIRST_KEY.match(self._window, self._start):
            keys.add(first[1])
        alternatives = b"|".join(map(re.escape, sorted(keys))) or b'"'
        behind_comma = re.compile(rb",[ \t\r\n]*+(?=\{[ \t\r\n]*+(?:" + alternatives + rb"))")
        while not (match := behind_comma.search(self._window, self._start + 1)):
            if not self._more():
                return self._length_of_last_element()
        return match.end() - self._start

    def _length_of_last_element(self) -> int:
        if not self._window.rstrip(_SPACE).endswith(b"]"):
            raise EOFError(_CUT)
        return self._window.rindex(b"]") - self._start

    def _more_of_element(self) -> None:
        if not self._more():
            raise EOFError(_CUT)

    def _more(self) -> bool:
        """Read on, as much again as the element has by now; tell whether there was more."""
        pending = len(self._window) - self._start
        if pending > MAX_ELEMENT_BYTES:
            raise UnreadableFileError(
                f"the element at byte {self._dropped + self._start} is longer than "
                f"{MAX_ELEMENT_BYTES >> 20} MiB or never closes"
            )
        chunk = self._file.read(max(_CHUNK, pending))
        self._window = self._window[self._start :] + chunk
        self._dropped += self._start
        self._start = 0
        return bool(chunk)


def _end(pattern: re.Pattern[bytes], text: bytes, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start
