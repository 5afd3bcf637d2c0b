"""Rows of the unified formats as trainers read them: TRL's formats and LLaMA-Factory's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]
Record = dict[str, Any]
Message = dict[str, str]

ROLES = ("system", "user", "assistant")


class UnusableRowError(Exception):
    """A trainer cannot use a row.

    Parameters
    ----------
    reason : str
        The code under which the row is counted.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def trl_standard(type_name: str, row: Row) -> Record:
    """Return a row in TRL's standard format: prompts and completions are texts.

    Raises
    ------
    UnusableRowError
    """
    return {**_STANDARD[type_name](row), "source_prompt_id": row["source_prompt_id"]}


def trl_conversational(type_name: str, row: Row) -> Record:
    """Return a row in TRL's conversational format: prompts and completions are lists of messages.

    Raises
    ------
    UnusableRowError

    Notes
    -----
    Reasoning stands under both names that chat templates read, ``reasoning_content`` (Qwen, GLM, Gemma, Nemotron)
    and ``thinking`` (gpt-oss, LFM): under the other one a template would silently leave it out.
    """
    return {**_CONVERSATIONAL[type_name](row), "source_prompt_id": row["source_prompt_id"]}


def llama_factory(type_name: str, row: Row) -> Record:
    """Return a row as LLaMA-Factory reads it with `llama_factory_info`: alpaca, and sharegpt for preference.

    Raises
    ------
    UnusableRowError
    """
    return {**_LLAMA_FACTORY[type_name](row), "source_prompt_id": row["source_prompt_id"]}


def llama_factory_info(type_name: str, file_name: str) -> dict[str, Any]:
    """Return the content of the ``dataset_info.json`` that describes a type's file."""
    return {type_name: {"file_name": file_name, **_INFO[type_name]}}


def _prompt(row: Row) -> Record:
    return {"prompt": row["prompt"]}


def _answer(row: Row) -> str:
    if not row["answer"]:
        raise UnusableRowError("no_answer")
    return str(row["answer"])


def _tagged(row: Row) -> str:
    return f"<think>\n{row['thinking']}\n</think>\n\n{_answer(row)}"


def _user(content: str) -> Message:
    return {"role": "user", "content": content}


def _assistant(content: str) -> Message:
    return {"role": "assistant", "content": content}


def _reasoned(row: Row) -> Message:
    thinking = row["thinking"]
    return {**_assistant(_answer(row)), "reasoning_content": thinking, "thinking": thinking}


def _context(row: Row) -> list[Message]:
    """Messages that both responses answer; the last one is the user's."""
    if row["context"] is None:
        return [_user(row["prompt"])]
    context = _usable(row["context"])
    if not context:
        raise UnusableRowError("no_shared_context")
    if context[-1]["role"] != "user":
        raise UnusableRowError("no_user_turn")
    return context


def _responses(row: Row) -> tuple[list[Message], list[Message]]:
    """Messages of each side behind the context; they end with an answer."""
    if row["is_tie"]:
        raise UnusableRowError("tie")
    chosen, rejected = (
        [_assistant(row[side])] if row[f"{side}_messages"] is None else _usable(row[f"{side}_messages"])
        for side in ("chosen", "rejected")
    )
    if any(message["role"] == "assistant" and not message["content"] for message in chosen + rejected):
        raise UnusableRowError("empty_turn")
    if chosen == rejected:
        raise UnusableRowError("equal_responses")
    return chosen, rejected


def _usable(messages: list[Message]) -> list[Message]:
    if any(message["role"] not in ROLES or message["content"] is None for message in messages):
        raise UnusableRowError("unusable_turn")
    return messages


def _single_responses(row: Row) -> tuple[str, str]:
    chosen, rejected = _responses(row)
    if len(chosen) > 1 or len(rejected) > 1:
        raise UnusableRowError("several_turns")
    return chosen[0]["content"], rejected[0]["content"]


def _text_pair(row: Row) -> Record:
    chosen, rejected = _single_responses(row)
    return {"prompt": row["prompt"], "chosen": chosen, "rejected": rejected}


def _message_pair(row: Row) -> Record:
    chosen, rejected = _responses(row)
    return {"prompt": _context(row), "chosen": chosen, "rejected": rejected}


def _sharegpt_pair(row: Row) -> Record:
    chosen, rejected = _single_responses(row)
    context = _context(row)
    roles = [message["role"] for message in context]
    turns = roles[1:] if roles[0] == "system" else roles
    if turns != ["user", "assistant"] * (len(turns) // 2) + ["user"]:
        raise UnusableRowError("turns_do_not_alternate")
    return {
        "conversations": [_sharegpt(message) for message in context],
        "chosen": _sharegpt(_assistant(chosen)),
        "rejected": _sharegpt(_assistant(rejected)),
    }


def _sharegpt(message: Message) -> Message:
    return {"from": _TAGS[f"{message['role']}_tag"], "value": message["content"]}


_TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "system_tag": "system",
}

_ALPACA = {"formatting": "alpaca", "columns": {"prompt": "instruction", "response": "output"}}

_INFO: dict[str, dict[str, Any]] = {
    "prompt": {"formatting": "alpaca", "columns": {"prompt": "instruction"}},
    "sft": _ALPACA,
    "cot": _ALPACA,
    "preference": {
        "formatting": "sharegpt",
        "ranking": True,
        "columns": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"},
        "tags": _TAGS,
    },
}

_Formats = dict[str, Callable[[Row], Record]]

_STANDARD: _Formats = {
    "prompt": _prompt,
    "sft": lambda row: {**_prompt(row), "completion": _answer(row)},
    "cot": lambda row: {**_prompt(row), "completion": _tagged(row)},
    "preference": _text_pair,
}

_CONVERSATIONAL: _Formats = {
    "prompt": lambda row: {"prompt": [_user(row["prompt"])]},
    "sft": lambda row: {"prompt": [_user(row["prompt"])], "completion": [_assistant(_answer(row))]},
    "cot": lambda row: {"prompt": [_user(row["prompt"])], "completion": [_reasoned(row)]},
    "preference": _message_pair,
}

_LLAMA_FACTORY: _Formats = {
    "prompt": lambda row: {"instruction": row["prompt"]},
    "sft": lambda row: {"instruction": row["prompt"], "output": _answer(row)},
    "cot": lambda row: {"instruction": row["prompt"], "output": _tagged(row)},
    "preference": _sharegpt_pair,
}
