"""Benchmarks are read from any file a user has, and from the Hub by their names."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_assets.contamination.benchmarks import KNOWN, parse_benchmarks
from python_assets.contamination.items import read_items
from python_assets.errors import SettingsError, SourceError
from python_assets.sources.local import LocalSource
from tests.hub_server import HubServer
from tests.python_assets.hub_cases import hub_source

QUESTIONS = ["How far is it?", 'Say "no",\nin two lines.', "多远？"]


def _texts(spec: str, root: Path) -> list[tuple[str, int, str]]:
    items = read_items(parse_benchmarks([spec]), LocalSource(root))
    assert items["text_key"].to_pylist() == [hashlib.sha256(t.encode()).hexdigest() for t in items["text"].to_pylist()]
    return list(zip(*(items[name].to_pylist() for name in ("benchmark", "item", "text")), strict=True))


def _write(root: Path, name: str, column: str) -> Path:
    path = root / name
    rows = [{"id": number, column: text} for number, text in enumerate(QUESTIONS)]
    if ".parquet" in name:
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    if ".csv" in name:
        quoted = "".join('{},"{}"\n'.format(row["id"], str(row[column]).replace('"', '""')) for row in rows)
        content = f"id,{column}\n{quoted}"
    elif ".jsonl" in name:
        content = "".join(json.dumps(row) + "\n" for row in rows)
    else:
        content = json.dumps(rows)
    path.write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())
    return path


@pytest.mark.parametrize("name", ["mine.jsonl", "mine.jsonl.gz", "mine.json", "mine.csv", "mine.parquet"])
@pytest.mark.parametrize(("column", "suffix"), [("problem", ""), ("task text", "::task text")])
def test_every_format_gives_the_same_items(tmp_path: Path, name: str, column: str, suffix: str) -> None:
    path = _write(tmp_path, name, column)
    wanted = [("mine", number, text) for number, text in enumerate(QUESTIONS)]
    assert _texts(f"{path}{suffix}", tmp_path) == wanted
    assert _texts(f"other={path}{suffix}", tmp_path) == [("other", *rest) for _, *rest in wanted]


def test_records_without_a_text_are_left_out_and_the_others_keep_their_numbers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    lines = [
        '{"question": "one"}',
        "{broken",
        '{"question": null}',
        '{"question": 7}',
        '{"q": 1}',
        '{"question": "two"}',
    ]
    (tmp_path / "b.jsonl").write_text("\n".join(lines))
    assert _texts(f"{tmp_path}/b.jsonl", tmp_path) == [("b", 0, "one"), ("b", 5, "two")]
    assert "benchmark b: 2 items, 4 records without a text are left out" in caplog.messages


@pytest.mark.parametrize(
    ("name", "content", "spec", "words"),
    [
        ("b.jsonl", '{"id": 1}\n', "b.jsonl", "has no column question or problem"),
        ("b.jsonl", '{"id": 1}\n', "b.jsonl::text", "has no column text; it has id"),
        ("b.jsonl", '{"text": ""}\n', "b.jsonl", "none of its 1 records has a text"),
        ("b.txt", "a", "b.txt", "must end in .jsonl"),
        ("b.jsonl", "", "missing.jsonl", "is no file and none of gsm8k, math"),
        ("b.csv", "", "b.csv", "the file is empty"),
        ("b.parquet", "no", "b.parquet", "not readable as Parquet"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, name: str, content: str, spec: str, words: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises((SettingsError, SourceError), match=words):
        _texts(f"{tmp_path}/{spec}", tmp_path)


def test_two_benchmarks_of_one_name_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, "gsm8k.jsonl", "question")
    with pytest.raises(SettingsError, match="gsm8k is named twice"):
        parse_benchmarks(["gsm8k", str(path)])


def test_a_known_benchmark_that_is_not_there_is_an_error_and_not_silence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gsm8k is not in .*openai/gsm8k/main/test-"):
        _texts("gsm8k", tmp_path)


LAYOUTS = {
    "gsm8k": "openai/gsm8k/main/test-00000-of-00001.parquet",
    "math": "EleutherAI/hendrycks_math/algebra/test-00000-of-00001.parquet",
    "aime24": "math-ai/aime24/test-00000-of-00001.parquet",
    "aime25": "MathArena/aime_2025/data/train-00000-of-00001.parquet",
    "humaneval": "openai/openai_humaneval/openai_humaneval/test-00000-of-00001.parquet",
    "mmlu": "cais/mmlu/all/test-00000-of-00001.parquet",
}


def test_each_known_benchmark_has_a_layout_here() -> None:
    assert KNOWN.keys() == LAYOUTS.keys()


@pytest.mark.parametrize("name", LAYOUTS)
def test_known_benchmarks_come_from_the_hub_like_any_dataset(server: HubServer, tmp_path: Path, name: str) -> None:
    benchmark = KNOWN[name]
    hub = tmp_path / "hub"
    path = hub / LAYOUTS[name]
    path.parent.mkdir(parents=True)
    _write(path.parent, path.name, str(benchmark.column))
    _write(path.parent, "validation.parquet", str(benchmark.column))
    server.add_directory(hub, benchmark.dataset.repo, "b" * 40)
    items = read_items([benchmark], hub_source(server, tmp_path / "raw"))
    assert items["text"].to_pylist() == QUESTIONS
    assert not server.asked("validation.parquet")
    again = read_items([benchmark], LocalSource(tmp_path / "raw"))
    assert again == items
