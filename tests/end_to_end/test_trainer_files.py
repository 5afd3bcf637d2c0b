"""The files for trainers, read with the trainers' own code where that is at hand."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from python_assets.embeddings.folders import packaged
from python_assets.embeddings.presets import MINILM, PRESETS
from tests.conftest import Run

TYPES = ("prompt", "sft", "cot", "preference")
COLUMNS = {
    "prompt": ["prompt"],
    "sft": ["prompt", "completion"],
    "cot": ["prompt", "completion"],
    "preference": ["prompt", "chosen", "rejected"],
}
CHAT_TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)

Load = Callable[..., Any]


@pytest.fixture(scope="module")
def load(sample_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Read a file of the sample's run as trainers do."""
    import datasets

    cache = tmp_path_factory.mktemp("cache")

    def read(type_name: str, name: str) -> Any:
        path = _directory(sample_run, type_name) / name
        return datasets.load_dataset("json", data_files=[str(path)], split="train", cache_dir=str(cache))

    return read


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from transformers import AutoTokenizer

    preset = PRESETS[MINILM]
    found = AutoTokenizer.from_pretrained(packaged(preset.package, preset.revision))
    found.chat_template = CHAT_TEMPLATE
    return found


def _directory(run: Run, type_name: str) -> Path:
    return run.root / "outputs" / f"{type_name}_all" / "dedup_eps0.2"


def _unified(run: Run, type_name: str) -> dict[str, dict[str, Any]]:
    with (_directory(run, type_name) / "all_files_unified_eps0.2.jsonl").open(encoding="utf-8") as lines:
        return {row["source_prompt_id"]: row for row in map(json.loads, lines)}


def _counts(run: Run, type_name: str) -> list[dict[str, str]]:
    with (_directory(run, type_name) / "trainer_files.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _rendered(messages: list[dict[str, str]]) -> str:
    return "".join(f"<|{message['role']}|>\n{message['content']}<|end|>\n" for message in messages)


@pytest.mark.parametrize("type_name", TYPES)
def test_trl_takes_the_texts_as_they_are(load: Load, sample_run: Run, type_name: str) -> None:
    from trl.data_utils import is_conversational

    unified = _unified(sample_run, type_name)
    rows = load(type_name, "trl/standard.jsonl")
    assert rows.column_names == [*COLUMNS[type_name], "source_prompt_id"]
    for row in rows:
        assert not is_conversational(row)
        assert all(isinstance(text, str) and text for text in row.values())
        source = unified[row["source_prompt_id"]]
        prompt = source["prompt"]
        assert row["prompt"] == (prompt if isinstance(prompt, str) else "\n".join(prompt))
        if type_name == "cot":
            thinking, answer = row["completion"].removeprefix("<think>\n").split("\n</think>\n\n", 1)
            assert (thinking, answer) == (source["thinking"], source["answer"])


@pytest.mark.parametrize("type_name", TYPES)
def test_trl_puts_the_chats_into_a_chat_template(load: Load, tokenizer: Any, type_name: str) -> None:
    from trl.data_utils import apply_chat_template, is_conversational

    rows = load(type_name, "trl/conversational.jsonl")
    assert rows.column_names == [*COLUMNS[type_name], "source_prompt_id"]
    assert all(is_conversational(row) for row in rows)
    texts = rows.map(apply_chat_template, fn_kwargs={"processing_class": tokenizer})
    for row, text in zip(rows, texts, strict=True):
        assert text["prompt"] == _rendered(row["prompt"]) + "<|assistant|>\n"
        for column in COLUMNS[type_name][1:]:
            assert row[column][-1]["role"] == "assistant"
            assert row[column][-1]["content"]
            assert text["prompt"] + text[column] == _rendered(row["prompt"] + row[column])


@pytest.mark.parametrize("template", ["qwen3_training", "gptoss_training", "lfm2_2_5_v2"])
def test_reasoning_is_in_what_the_chat_templates_make_of_it_once(load: Load, tokenizer: Any, template: str) -> None:
    import trl
    from trl.data_utils import apply_chat_template

    source = (Path(trl.__file__).parent / "chat_templates" / f"{template}.jinja").read_text(encoding="utf-8")
    for row in load("cot", "trl/conversational.jsonl"):
        (message,) = row["completion"]
        completion = apply_chat_template(row, tokenizer, chat_template=source)["completion"]
        thinking, answer = message["thinking"].strip("\n"), message["content"].strip()
        assert thinking + answer
        assert completion.count(thinking) == 1 + message["content"].count(thinking)
        assert answer in completion.split(thinking, 1)[1]


def test_trl_finds_the_same_context_in_whole_conversations_and_unpairs_them(load: Load) -> None:
    from trl.data_utils import maybe_extract_prompt, maybe_unpair_preference_dataset

    rows = load("preference", "trl/conversational.jsonl")
    for row in rows:
        whole = {side: row["prompt"] + row[side] for side in ("chosen", "rejected")}
        assert maybe_extract_prompt(whole) == {column: row[column] for column in COLUMNS["preference"]}
    unpaired = maybe_unpair_preference_dataset(rows)
    assert sum(unpaired["label"]) == len(rows) == len(unpaired) / 2


def test_conversations_are_those_of_the_original_rows(load: Load, sample_run: Run) -> None:
    unified = _unified(sample_run, "preference")
    seen: Counter[str] = Counter()
    for row in load("preference", "trl/conversational.jsonl"):
        original = json.loads(unified[row["source_prompt_id"]]["metadata"])
        if "nvidia/HelpSteer3" in row["source_prompt_id"]:
            assert row["prompt"] == original["context"]
            seen["turns of HelpSteer3"] += len(row["prompt"]) > 1
            seen["system turns"] += row["prompt"][0]["role"] == "system"
        elif "arena-human-preference-100k" in row["source_prompt_id"]:
            winner, loser = ("a", "b") if original["winner"] == "model_a" else ("b", "a")
            for side, model in (("chosen", winner), ("rejected", loser)):
                said = [{"role": m["role"], "content": m["content"]} for m in original[f"conversation_{model}"]]
                assert row["prompt"] + row[side] == said
            seen["answers of several turns"] += len(row["chosen"]) > 1
        elif "Skywork" in row["source_prompt_id"]:
            assert row["prompt"] + row["chosen"] == original["chosen"][: len(row["prompt"]) + 1]
            assert row["prompt"] + row["rejected"] == original["rejected"][: len(row["prompt"]) + 1]
        elif "hh-rlhf" in row["source_prompt_id"]:
            said = original["chosen"].replace("\n\nHuman:", "\0user").replace("\n\nAssistant:", "\0assistant")
            turns = [turn.split(maxsplit=1) or turn for turn in said.split("\0")[1:]]
            assert [(m["role"], m["content"]) for m in row["prompt"] + row["chosen"]] == [
                (role, text[0].strip(" \t\r\n") if text else "") for role, *text in turns
            ]
            seen["turns of hh-rlhf"] += len(row["prompt"]) > 1
    assert all(seen[what] for what in ("turns of HelpSteer3", "answers of several turns", "turns of hh-rlhf")), seen


@pytest.mark.parametrize("type_name", TYPES)
def test_llama_factory_finds_what_its_documentation_asks_for(load: Load, sample_run: Run, type_name: str) -> None:
    directory = _directory(sample_run, type_name) / "llama_factory"
    info = json.loads((directory / "dataset_info.json").read_text(encoding="utf-8"))[type_name]
    rows = load(type_name, f"llama_factory/{info['file_name']}")
    assert set(info["columns"].values()) | {"source_prompt_id"} == set(rows.column_names)
    assert info.get("ranking", False) == (type_name == "preference")
    if type_name != "preference":
        assert info["formatting"] == "alpaca"
        wanted = {"prompt": "instruction"} if type_name == "prompt" else {"prompt": "instruction", "response": "output"}
        assert info["columns"] == wanted
        assert all(isinstance(value, str) and value for row in rows for value in row.values())
        return
    assert info["formatting"] == "sharegpt"
    tags = info["tags"]
    for row in rows:
        turns = [message[tags["role_tag"]] for message in row["conversations"]]
        turns = turns[turns[0] == tags["system_tag"] :]
        assert len(turns) % 2 == 1
        assert set(turns[::2]) == {tags["user_tag"]}
        assert set(turns[1::2]) <= {tags["assistant_tag"]}
        for side in ("chosen", "rejected"):
            assert row[side][tags["role_tag"]] == tags["assistant_tag"]
            assert row[side][tags["content_tag"]]


@pytest.mark.parametrize("type_name", TYPES)
def test_every_kept_row_is_in_a_trainers_file_or_counted(sample_run: Run, type_name: str) -> None:
    directory = _directory(sample_run, type_name)
    kept = Counter(row_id.split("_", 1)[1] for row_id in _unified(sample_run, type_name))
    counts = _counts(sample_run, type_name)
    names = {"trl/standard.jsonl", "trl/conversational.jsonl", f"llama_factory/{type_name}.jsonl"}
    assert {row["file"] for row in counts} == names
    for name in names:
        rows, written = Counter[str](), Counter[str]()
        for row in counts:
            if row["file"] == name:
                rows[row["dataset"]] += int(row["rows"])
                written[row["dataset"]] += int(row["rows"]) * (row["outcome"] == "written")
        assert rows == kept
        with (directory / name).open(encoding="utf-8") as lines:
            ids = [json.loads(line)["source_prompt_id"] for line in lines]
        assert len(set(ids)) == len(ids)
        assert Counter(row_id.split("_", 1)[1] for row_id in ids) == +written


def test_solutions_that_cannot_be_split_are_left_out_for_want_of_an_answer(sample_run: Run) -> None:
    left_out = {row["dataset"] for row in _counts(sample_run, "cot") if row["outcome"] != "written"}
    assert left_out == {"GAIR/LIMO", "AI-MO/NuminaMath-CoT/train"}
    assert {row["outcome"] for row in _counts(sample_run, "cot")} == {"written", "no_answer"}


def test_ties_are_counted_and_in_no_trainers_file(sample_run: Run) -> None:
    ties = sample_run.query("SELECT count(*) FROM marts.unified_preference WHERE is_tie")[0][0]
    assert ties
    counted: Counter[str] = Counter()
    for row in _counts(sample_run, "preference"):
        if row["outcome"] == "tie":
            counted[row["file"]] += int(row["rows"])
    assert list(counted.values()) == [ties] * 3
