"""The record formats of the files: names, order, meaning."""

from __future__ import annotations

from typing import Any

import orjson

MERGED = ("all_prompt_id", "source_prompt_id", "prompt", "metadata")

UNIFIED = {
    "prompt": MERGED,
    "sft": ("all_prompt_id", "source_prompt_id", "prompt", "answer", "metadata"),
    "cot": ("all_prompt_id", "source_prompt_id", "prompt", "thinking", "answer", "metadata"),
    "preference": (
        "all_prompt_id",
        "source_prompt_id",
        "prompt",
        "chosen",
        "rejected",
        "metadata",
    ),
}

TURNS = {"prompt": "prompt_turns", "chosen": "chosen_turns", "rejected": "rejected_turns"}


def unified_record(type_name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Pick the fields of a type's format from a row of its unified view.

    Where a source is multi-turn, the lists of turns stand under the names of their texts. A tie
    keeps empty strings for chosen and rejected.
    """
    record = {field: row[field] for field in UNIFIED[type_name]}
    for field, turns in TURNS.items():
        if row.get(turns) is not None:
            record[field] = row[turns]
    return record


def merged_record(row: dict[str, Any]) -> dict[str, Any]:
    """Pick the fields of the merged format; the prompt is the text that was merged."""
    return {field: row[field] for field in MERGED}


def json_line(record: dict[str, Any]) -> bytes:
    """Write a record as a line of JSONL: UTF-8 without escapes, its fields in their order."""
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def format_eps(eps: float) -> str:
    """Write eps as file names carry it: the shortest decimal that reads back as the same number."""
    return f"{eps:.15g}"
