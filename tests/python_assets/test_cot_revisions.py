"""Files of other revisions of a cot dataset than the sample's, in other columns or folders, load as well."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from python_assets.sources.load import load_dataset
from python_assets.sources.local import LocalSource
from python_assets.sources.registry import load_registry
from tests.sample_rows.build import parquet_bytes

_CHAT = 'STRUCT("from" VARCHAR, "value" VARCHAR)[]'
_MESSAGES = 'STRUCT("role" VARCHAR, content VARCHAR)[]'
_KODCODE_FIRST_RELEASE = {
    **dict.fromkeys(("split", "subset", "conversation_id", "question", "solution"), "VARCHAR"),
    **dict.fromkeys(("test_code", "test_entry_point"), "VARCHAR"),
    "gpt_pass_sequence": "BIGINT[]",
    "gpt_pass_trial_num": "BIGINT",
    "gpt_difficulty": "VARCHAR",
    "gpt_pass_percentage": "DOUBLE",
    "r1_pass_sequence": "BIGINT[]",
    "r1_pass_trial_num": "BIGINT",
    "r1_correctness": "VARCHAR",
    "r1_solution": "VARCHAR",
    "metadata": "STRUCT(original_instruction VARCHAR, problem_ids VARCHAR, prompt_id VARCHAR, row_id BIGINT)",
    "conversations": _CHAT,
}


@pytest.mark.parametrize(
    ("repo", "path", "columns"),
    [
        ("KodCode/KodCode-V1-SFT-R1", "data/train-00000-of-00011.parquet", _KODCODE_FIRST_RELEASE),
        (
            "simplescaling/s1K-1.1",
            "data/train-00000-of-00001.parquet",
            {
                "question": "VARCHAR",
                "deepseek_thinking_trajectory": "VARCHAR[]",
                "deepseek_attempt": "VARCHAR[]",
            },
        ),
        (
            "open-r1/codeforces-cots",
            "solutions_decontaminated/train-00000-of-00010.parquet",
            {"problem": "VARCHAR", "messages": _MESSAGES},
        ),
        (
            "GeneralReasoning/GeneralThought-430K",
            "data/train-00000-of-00001.parquet",
            dict.fromkeys(("question", "model_reasoning", "model_answer"), "VARCHAR"),
        ),
    ],
)
def test_other_revisions_load(tmp_path: Path, repo: str, path: str, columns: dict[str, str]) -> None:
    dataset = next(dataset for dataset in load_registry() if dataset.repo == repo)
    file = tmp_path / repo / path
    file.parent.mkdir(parents=True)
    file.write_bytes(parquet_bytes([json.dumps(dict.fromkeys(columns))], columns))
    found = LocalSource(tmp_path).find(dataset)
    assert found is not None
    with duckdb.connect() as connection:
        assert load_dataset(connection, dataset, [file.path for file in found.files], found.base) == 1
