"""Files of every known revision of a dataset are found and loaded with its one registry entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_assets.sources.load import load_dataset
from python_assets.sources.local import LocalSource
from python_assets.sources.registry import Dataset, load_registry

REGISTRY = {entry.table: entry for entry in load_registry()}


def _place(root: Path, entry: Dataset, name: str, content: bytes | pa.Table) -> None:
    path = root / entry.repo / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        pq.write_table(content, path)


def _load(root: Path, entry: Dataset) -> list[dict[str, Any]]:
    source = LocalSource(root)
    files = source.locate(entry)
    assert files
    with duckdb.connect() as connection:
        load_dataset(connection, entry, files, source.repo_dir(entry))
        return connection.sql(f"SELECT * FROM raw.{entry.table}").to_arrow_table().to_pylist()


@pytest.mark.parametrize(
    "other_columns",
    [
        {"version": ["v1.1"], "test": ["assert f()"], "test_info": [None], "trials": [{"trial_gpt4o_0": None}]},
        {"style": ["instruct"], "test_code": ["assert f()"], "question_id": ["a"]},
        {"split": ["train"], "conversation_id": ["c"], "test_code": ["assert f()"], "test_entry_point": ["f"]},
    ],
    ids=["v1.1", "test_code", "conversation_id"],
)
def test_kodcode_needs_the_question_and_the_solution_only(tmp_path: Path, other_columns: dict[str, list[Any]]) -> None:
    entry = REGISTRY["kodcode_v1"]
    table = pa.table({**other_columns, "question": ["Write f."], "solution": ["def f(): ..."]})
    _place(tmp_path, entry, "data/train-00000-of-00014.parquet", table)
    (row,) = _load(tmp_path, entry)
    assert (row["question"], row["solution"]) == ("Write f.", "def f(): ...")
    assert other_columns.keys() <= row.keys()


@pytest.mark.parametrize("config", ["filtered_infinity_instruct", "largescale_diverse_instruct", "realuser_instruct"])
def test_opc_stage1_is_found_with_underscores_and_with_hyphens(tmp_path: Path, config: str) -> None:
    entry = REGISTRY[f"opc_sft_stage1_{config}"]
    hyphens = config.replace("_", "-")
    names = {
        "now": f"data/{config}-00000-of-00002.parquet",
        "before": f"{hyphens}/train-00000-of-00001.parquet",
        "between": f"data/{hyphens}-00000-of-00001.parquet",
    }
    for revision, name in names.items():
        table = pa.table({"instruction": [revision], "output": ["x"]})
        root = tmp_path / revision
        _place(root, entry, name, table)
        _place(root, entry, "data/another_instruct-00000-of-00001.parquet", table)
        (row,) = _load(root, entry)
        assert (row["instruction"], row["_file"]) == (revision, name)


@pytest.mark.parametrize("suffix", ["", "_sft"])
def test_no_robots_splits_are_found_under_both_names_and_apart(tmp_path: Path, suffix: str) -> None:
    train, test = REGISTRY["no_robots"], REGISTRY["no_robots_test"]
    for entry in (train, test):
        messages = [[{"content": entry.split, "role": "user"}]]
        table = pa.table({"prompt": [entry.split], "messages": messages})
        _place(tmp_path, entry, f"data/{entry.split}{suffix}-00000-of-00001.parquet", table)
    for entry in (train, test):
        assert [row["prompt"] for row in _load(tmp_path, entry)] == [entry.split]


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (b'act,prompt\nPoet,"Act as ""a"" poet.\n\nRhyme."\n', ["act", "prompt"]),
        (b'\xef\xbb\xbf"act","prompt"\r\n"Poet","Act as ""a"" poet.\n\nRhyme."\r\n', ["act", "prompt"]),
        (b',act,prompt\n0,Poet,"Act as ""a"" poet.\n\nRhyme."\n', ["column0", "act", "prompt"]),
        (
            b'act,prompt,for_devs,type,contributor\nPoet,"Act as ""a"" poet.\n\nRhyme.",FALSE,TEXT,"a,b"\n',
            ["act", "prompt", "for_devs", "type", "contributor"],
        ),
    ],
    ids=["two columns", "byte order mark", "unnamed column", "five columns"],
)
def test_awesome_prompts_are_read_by_the_name_of_their_column(
    tmp_path: Path, content: bytes, columns: list[str]
) -> None:
    entry = REGISTRY["awesome_chatgpt_prompts"]
    _place(tmp_path, entry, "prompts.csv", content)
    (row,) = _load(tmp_path, entry)
    assert row["prompt"] == 'Act as "a" poet.\n\nRhyme.'
    assert [name for name in row if not name.startswith("_")] == columns
