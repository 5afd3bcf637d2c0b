"""Names and files that mean harm."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from python_assets.errors import UnreadableFileError
from python_assets.sources.compression import MAX_RATIO, open_binary
from python_assets.sources.patterns import leaves_its_directory, matches
from python_assets.sources.records import read_csv


def _unpacked_bytes(path: Path) -> int:
    n_bytes = 0
    with open_binary(path) as file:
        while part := file.read(1 << 20):
            n_bytes += len(part)
    return n_bytes


@pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
def test_a_decompression_bomb_is_refused_before_it_fills_memory(
    tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(compress(bytes(1 << 28)))
    tracemalloc.start()
    with pytest.raises(UnreadableFileError, match=f"more than {MAX_RATIO} times its size"):
        _unpacked_bytes(path)
    assert tracemalloc.get_traced_memory()[1] < 200 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
def test_text_that_compresses_well_is_read_whole(
    tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    text = b"".join(f"{row} is said again and again, ".encode() * 8 + b"\n" for row in range(300_000))
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(compress(text))
    assert len(text) > 1 << 26
    assert _unpacked_bytes(path) == len(text)


def test_a_line_without_an_end_is_refused_before_it_fills_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"p\n" + b"x" * (1 << 25))
    monkeypatch.setattr("python_assets.sources.records._MAX_RECORD_BYTES", 1 << 20)
    tracemalloc.start()
    with pytest.raises(UnreadableFileError, match="longer than 1 MiB"):
        list(read_csv(path))
    assert tracemalloc.get_traced_memory()[1] < 1 << 24
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b"text", mtime=0), "compressed with gzip"),
        (zstandard.compress(b"text"), "compressed with zstd"),
        ("text".encode("utf-16"), "UTF-16"),
        ("text".encode("utf-32"), "UTF-32"),
    ],
)
def test_what_its_name_does_not_say_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=message):
        open_binary(path)


@pytest.mark.parametrize(
    ("name", "leaves"),
    [
        ("data/train.jsonl", False),
        ("data/..train.jsonl", False),
        ("../train.jsonl", True),
        ("data/../../train.jsonl", True),
        ("/etc/passwd", True),
        ("C:\\train.jsonl", True),
        ("data\\..\\..\\train.jsonl", True),
        ("\\\\host\\share", True),
        ("a\0b", True),
    ],
)
def test_names_that_leave_their_directory(name: str, leaves: bool) -> None:
    assert leaves_its_directory(name) == leaves


NAMES = ["a.json", "data/a.json", "data/b-1.json", "data/sub/a.json", "x[1].json", "data/.a.json"]
PATTERNS = ["*.json", "data/*.json", "**/a.json", "data/**/*.json", "data/[ab]-?.json", "*/a.json", "x[[]1].json", "**"]


@given(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3))
def test_names_match_as_files_do(tmp_path_factory: pytest.TempPathFactory, patterns: list[str]) -> None:
    root = tmp_path_factory.mktemp("files")
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    found = {path for pattern in patterns for path in root.glob(pattern)}
    assert {name for name in NAMES if matches(name, patterns)} == {
        path.relative_to(root).as_posix() for path in found if path.is_file()
    }
    assert not matches(".cache/a.json", patterns)
