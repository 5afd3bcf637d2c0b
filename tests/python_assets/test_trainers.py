"""What each trainer is given of a row, and which rows it cannot use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from python_assets.exports.trainer_files import open_trainer_files
from python_assets.exports.trainers import (
    UnusableRowError,
    llama_factory,
    trl_conversational,
    trl_standard,
)

ALL_FORMATS = (trl_standard, trl_conversational, llama_factory)


def message(role: str, content: str | None) -> dict[str, Any]:
    return {"role": role, "content": content}


def pair(**columns: Any) -> dict[str, Any]:
    row = {"source_prompt_id": "7_org/name", "dataset": "org/name", "prompt": "q", "chosen": "c", "rejected": "r"}
    return {**row, "is_tie": False, "context": None, "chosen_messages": None, "rejected_messages": None, **columns}


def reasons(row: dict[str, Any]) -> list[str | None]:
    """Why each format leaves the row out; None where it takes it."""
    found: list[str | None] = []
    for trainer_format in ALL_FORMATS:
        try:
            trainer_format("preference", row)
            found.append(None)
        except UnusableRowError as error:
            found.append(error.reason)
    return found


def test_a_pair_of_texts() -> None:
    identified = {"source_prompt_id": "7_org/name"}
    assert trl_standard("preference", pair()) == {"prompt": "q", "chosen": "c", "rejected": "r", **identified}
    assert trl_conversational("preference", pair()) == {
        "prompt": [message("user", "q")],
        "chosen": [message("assistant", "c")],
        "rejected": [message("assistant", "r")],
        **identified,
    }
    assert llama_factory("preference", pair()) == {
        "conversations": [{"from": "human", "value": "q"}],
        "chosen": {"from": "gpt", "value": "c"},
        "rejected": {"from": "gpt", "value": "r"},
        **identified,
    }


def test_a_context_keeps_its_turns_in_the_chats_and_its_prompt_in_the_text() -> None:
    context = [message("system", "s"), message("user", "q1"), message("assistant", "m"), message("user", "问")]
    row = pair(context=context, prompt="q1\n问")
    assert trl_standard("preference", row)["prompt"] == "q1\n问"
    assert trl_conversational("preference", row)["prompt"] == context
    assert llama_factory("preference", row)["conversations"] == [
        {"from": "system", "value": "s"},
        {"from": "human", "value": "q1"},
        {"from": "gpt", "value": "m"},
        {"from": "human", "value": "问"},
    ]


def test_responses_of_several_turns_are_for_trl_chats_only() -> None:
    chosen = [message("assistant", "c1"), message("user", "q2"), message("assistant", "c2")]
    row = pair(context=[message("user", "q1")], chosen_messages=chosen, rejected_messages=[message("assistant", "r")])
    assert trl_conversational("preference", row)["chosen"] == chosen
    assert reasons(row) == ["several_turns", None, "several_turns"]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"is_tie": True, "chosen": "", "rejected": ""}, "tie"),
        ({"chosen": "same", "rejected": "same"}, "equal_responses"),
        ({"chosen_messages": [message("assistant", "")]}, "empty_turn"),
        ({"rejected_messages": [message("assistant", None)]}, "unusable_turn"),
    ],
)
def test_pairs_that_no_trainer_can_use(columns: dict[str, Any], reason: str) -> None:
    assert reasons(pair(**columns)) == [reason] * 3


@pytest.mark.parametrize(
    ("context", "in_chats", "in_llama_factory"),
    [
        ([], "no_shared_context", "no_shared_context"),
        ([message("user", None), message("user", "q")], "unusable_turn", "unusable_turn"),
        ([message("tool", "t"), message("user", "q")], "unusable_turn", "unusable_turn"),
        ([message("user", "q"), message("assistant", "m")], "no_user_turn", "no_user_turn"),
        ([message("user", "q"), message("user", "again")], None, "turns_do_not_alternate"),
        ([message("assistant", "hello"), message("user", "q")], None, "turns_do_not_alternate"),
    ],
)
def test_contexts_that_a_trainer_cannot_use(
    context: list[dict[str, Any]], in_chats: str | None, in_llama_factory: str | None
) -> None:
    assert reasons(pair(context=context)) == [None, in_chats, in_llama_factory]


def test_reasoning_stands_in_tags_in_a_text_and_under_both_names_in_a_message() -> None:
    row = {"source_prompt_id": "0_a/b", "prompt": "q", "thinking": "一\nt", "answer": "a"}
    tagged = "<think>\n一\nt\n</think>\n\na"
    assert trl_standard("cot", row)["completion"] == tagged
    assert llama_factory("cot", row)["output"] == tagged
    assert trl_conversational("cot", row)["completion"] == [
        {"role": "assistant", "content": "a", "reasoning_content": "一\nt", "thinking": "一\nt"}
    ]


@pytest.mark.parametrize("trainer_format", ALL_FORMATS)
def test_reasoning_without_an_answer_is_left_out(trainer_format: Any) -> None:
    with pytest.raises(UnusableRowError, match="no_answer"):
        trainer_format("cot", {"source_prompt_id": "0_GAIR/LIMO", "prompt": "q", "thinking": "t", "answer": ""})


def test_what_is_left_out_is_counted_by_file_dataset_and_reason(tmp_path: Path) -> None:
    with open_trainer_files(tmp_path, "preference", ["llama_factory", "trl"]) as files:
        files.write([pair(is_tie=True, dataset="b/b"), pair(dataset="b/b"), pair(dataset="a,a")])
        files.write([pair(is_tie=True, dataset="b/b"), pair(context=[], dataset="b/b")])
    lines = (tmp_path / "trainer_files.csv").read_text(encoding="utf-8").splitlines()
    assert lines[:4] == [
        "file,dataset,outcome,rows",
        "trl/standard.jsonl,b/b,written,2",
        "trl/standard.jsonl,b/b,tie,2",
        'trl/standard.jsonl,"a,a",written,1',
    ]
    assert "llama_factory/preference.jsonl,b/b,no_shared_context,1" in lines
    assert files.summary()["trl/conversational.jsonl"] == {"written": 2, "tie": 2, "no_shared_context": 1}


def test_an_error_leaves_the_earlier_files_as_they_were(tmp_path: Path) -> None:
    with open_trainer_files(tmp_path, "preference", ["trl"]) as files:
        files.write([pair()])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(KeyError), open_trainer_files(tmp_path, "preference", ["trl"]) as files:
        files.write([pair(), {}])
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_files_of_a_trainer_that_is_no_longer_named_go_and_those_of_others_stay(tmp_path: Path) -> None:
    own = tmp_path / "llama_factory" / "own_notes.txt"
    with open_trainer_files(tmp_path, "preference", ["trl", "llama_factory"]) as files:
        files.write([pair()])
    own.write_text("keep")
    with open_trainer_files(tmp_path, "preference", []) as files:
        files.write([pair()])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [own]
