from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from python_assets.errors import UnreadableFileError
from python_assets.sources import json_array
from python_assets.sources.json_array import split_array
from python_assets.sources.records import read_json_array


class _Dripping(io.BytesIO):
    """A stream that gives at most a few bytes at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(3)


def _split(content: bytes) -> list[str]:
    whole = [element.decode() for element in split_array(io.BytesIO(content))]
    assert [element.decode() for element in split_array(_Dripping(content))] == whole
    return whole


brackets = st.text(st.sampled_from('[]{},:"\\ \n\t1a€'))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | brackets | st.text(),
    lambda children: st.lists(children) | st.dictionaries(brackets, children),
    max_leaves=10,
)


@given(st.lists(values, max_size=5), st.sampled_from([None, 0, 2]), st.booleans())
def test_every_element_keeps_its_exact_text(rows: list[Any], indent: int | None, ascii_only: bool) -> None:
    texts = [json.dumps(row, indent=indent, ensure_ascii=ascii_only) for row in rows]
    content = f"[{' ,'.join(texts)} ]\n".encode("utf-8", "surrogatepass")
    try:
        content.decode()
    except UnicodeDecodeError:
        return
    assert _split(content) == texts


@pytest.mark.parametrize(
    ("content", "elements"),
    [
        (b"[]", []),
        (b"\xef\xbb\xbf \r\n [ \n ] \n", []),
        (b'[{"a": "]},[{\\""}, {"a": [[], [{}]]}]', ['{"a": "]},[{\\""}', '{"a": [[], [{}]]}']),
        (b'[[1, [2]], 3 ,"x]", null]', ["[1, [2]]", "3", '"x]"', "null"]),
        (b'[{"a": 1},\n]', ['{"a": 1}']),
        (b'[{"a": 1} {"a": 2}]', ['{"a": 1}', '{"a": 2}']),
    ],
)
def test_nesting_strings_and_white_space_confuse_nothing(content: bytes, elements: list[str]) -> None:
    assert _split(content) == elements


@pytest.mark.parametrize(
    "broken",
    [
        '{"a": ,}',
        '{"a": "never closed}',
        '{"a": never opened"}',
        '{"a": 1',
        '{"a": 1}}',
        '{"a": [1, 2}',
        '{"a": {"b": [}}',
        '{"a": "x" "y"}',
        '{"a": "line\nbreak"}',
        '{"a" "b": {"c": 1}, "d": [{"b": 1}, {"b": 2}}',
        "{a: 'b'}",
        "oops [",
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_one_broken_element_is_one_broken_record(tmp_path: Path, broken: str, place: int) -> None:
    rows = ['{"a": "one"}', '{"a": "two, {\\"a\\": 2}"}']
    rows.insert(place, broken)
    path = tmp_path / "a.json"
    path.write_text(f"[{', '.join(rows)}]")
    records = list(read_json_array(path))
    assert [record.text for record in records] == rows
    assert [record.error is None for record in records] == [row != broken for row in rows]


def test_the_last_element_may_be_the_broken_one(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"a": 1}, {"a": [}]\n')
    good, broken = read_json_array(tmp_path / "a.json")
    assert (good.values, broken.text) == ({"a": 1}, '{"a": [}')


def test_invalid_utf_8_breaks_its_element_only(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'[{"a": "caf\xe9"}, {"a": "ok"}]')
    broken, good = read_json_array(tmp_path / "a.json")
    assert (broken.error, good.values) == ("invalid UTF-8", {"a": "ok"})


@pytest.mark.parametrize(
    "content",
    [
        b"[",
        b'[{"a": 1}',
        b'[{"a": 1},',
        b'[{"a": 1}, {"a": "see [1]',
        b'[{"a": 1}, {"a": [{"b": 1',
        b'[{"a": 1}, 12',
        b'[{"a" 1], {"b": ',
        b"",
        b" \n",
    ],
)
def test_an_array_that_is_cut_off_is_an_error(content: bytes) -> None:
    for stream in (io.BytesIO(content), _Dripping(content)):
        with pytest.raises(EOFError):
            list(split_array(stream))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"a": 2}\n', "not a JSON array, it starts with '{'; one object a line is the format jsonl"),
        (b"a,b\n1,2\n", "not a JSON array, it starts with 'a'"),
        (b"[1][2]", "there is more behind the end of the array, at byte 3"),
    ],
)
def test_what_is_not_one_array_is_an_error(content: bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError) as error:
        list(split_array(io.BytesIO(content)))
    assert str(error.value) == message


def test_an_element_that_never_closes_ends_at_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_array, "MAX_ELEMENT_BYTES", 1 << 20)
    with pytest.raises(UnreadableFileError, match="the element at byte 2 is longer than 1 MiB or never closes"):
        list(split_array(io.BytesIO(b'[ "' + b"x" * (9 << 20))))


def test_an_element_may_be_much_longer_than_what_is_read_at_once() -> None:
    rows = [{"a": "[" * (5 << 20)}, {"a": "x"}]
    assert [json.loads(element) for element in split_array(io.BytesIO(json.dumps(rows).encode()))] == rows


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_compression_is_told_by_the_suffix(tmp_path: Path, suffix: str) -> None:
    compress = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}[suffix]
    path = tmp_path / f"a.json{suffix}"
    path.write_bytes(compress(b'[{"a": 1}, ') + compress(b'{"a": 2}]'))
    assert [record.values for record in read_json_array(path)] == [{"a": 1}, {"a": 2}]
