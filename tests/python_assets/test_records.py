from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_assets.sources.records import Record, read_csv, read_json_lines


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _json(tmp_path: Path, content: bytes) -> list[Record]:
    return list(read_json_lines(_write(tmp_path / "a.jsonl", content)))


def _csv(tmp_path: Path, content: bytes) -> list[Record]:
    return list(read_csv(_write(tmp_path / "a.csv", content)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), json_values), max_size=5), st.booleans())
def test_every_json_record_keeps_its_exact_text(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], ascii_only: bool
) -> None:
    lines = [json.dumps(row, ensure_ascii=ascii_only) for row in rows]
    path = tmp_path_factory.mktemp("json") / "a.jsonl"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass"))
    records = list(read_json_lines(path))
    assert len(records) == len(rows)
    for record, line in zip(records, lines, strict=True):
        if record.error is None:
            assert record.text == line


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=2), max_size=5))
def test_csv_fields_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    quoted = [",".join('"' + field.replace('"', '""') + '"' for field in row) for row in rows]
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes("".join(f"{line}\n" for line in ["a,b", *quoted]).encode())
    assert [list(record.values.values()) for record in read_csv(path)] == rows


def test_one_broken_line_is_one_broken_record(tmp_path: Path) -> None:
    good, broken, last = _json(tmp_path, b'{"a": 1}\n{"a": \n{"a": 2}')
    assert (good.values, last.values) == ({"a": 1}, {"a": 2})
    assert broken.text == '{"a": '
    assert "not valid JSON" in (broken.error or "")


def test_blank_lines_are_no_records_and_line_ends_are_no_text(tmp_path: Path) -> None:
    records = _json(tmp_path, b'\xef\xbb\xbf{"a": 1}\r\n\r\n   \n{"a": 2}\n')
    assert [record.text for record in records] == ['{"a": 1}', '{"a": 2}']


def test_gzip_is_read_by_its_suffix(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.jsonl.gz", gzip.compress(b'{"a": 1}\n'))
    assert [record.values for record in read_json_lines(path)] == [{"a": 1}]


def test_a_truncated_gzip_stream_is_an_error(tmp_path: Path) -> None:
    content = gzip.compress(b'{"a": 1}\n' * 1000)
    with pytest.raises(EOFError):
        list(read_json_lines(_write(tmp_path / "a.jsonl.gz", content[:-20])))


def test_a_lone_surrogate_is_replaced_in_values_and_kept_in_the_text(tmp_path: Path) -> None:
    (record,) = _json(tmp_path, rb'{"a": "x\ud83d", "b": ["\ud83d\ude00"], "\udc00": 1}')
    assert record.values == {"a": "x\ufffd", "b": ["😀"], "\ufffd": 1}
    assert record.text is not None
    assert r"x\ud83d" in record.text


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"[1, 2]", "not a JSON object but list"),
        (b'"text"', "not a JSON object but str"),
        (b'{"a": "caf\xe9"}', "invalid UTF-8"),
        (b'{"a":' * 100_000, "not valid JSON"),
    ],
)
def test_what_is_no_object_is_a_broken_record(tmp_path: Path, line: bytes, error: str) -> None:
    (record,) = _json(tmp_path, line)
    assert error in (record.error or "")
    assert record.text
    assert record.values == {}


def test_csv_with_mark_newlines_quotes_and_an_unnamed_column(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbfact,,prompt\r\nPoet,0,"Line one\r\nsaid ""yes"", then"\r\n'
    (record,) = _csv(tmp_path, content)
    assert record.values == {
        "act": "Poet",
        "column1": "0",
        "prompt": 'Line one\r\nsaid "yes", then',
    }
    assert record.error is None


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"only one", "expected 2 fields, found 1"),
        (b"a,b,c", "expected 2 fields, found 3"),
        (b'"a"b,c', "malformed CSV"),
        (b"a,caf\xe9", "invalid UTF-8"),
    ],
)
def test_a_broken_csv_record_comes_with_its_text(tmp_path: Path, line: bytes, error: str) -> None:
    before, broken, after = _csv(tmp_path, b"a,b\n1,2\n" + line + b"\n3,4\n")
    assert (before.values, after.values) == ({"a": "1", "b": "2"}, {"a": "3", "b": "4"})
    assert error in (broken.error or "")
    assert broken.text == line.decode("utf-8", "backslashreplace")


def test_an_unclosed_quote_loses_no_text(tmp_path: Path) -> None:
    before, broken = _csv(tmp_path, b'a,b\n1,2\n3,"never closed\n5,6\n')
    assert before.values == {"a": "1", "b": "2"}
    assert "malformed CSV" in (broken.error or "")
    assert broken.text == '3,"never closed\n5,6'
