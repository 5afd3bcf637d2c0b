"""Values that datasets do hold, and values that they should not."""

from __future__ import annotations

import random
from typing import Any

TEXTS = [
    "",
    " \t\n",
    "\u3000\u00a0",
    "\0",
    "a\0b",
    "\ufeffmark",
    "\u202eright to left\u202c",
    "\u2066isolated\u2069\u200b",
    "\ufffd\uffff\U0010ffff",
    "e\u0301 is \u00e9",
    "null",
    "NaN",
    '","a":NaN,"b":[NaN,-Infinity]',
    "'; DROP TABLE raw.lima; --",
    '"; DROP TABLE raw.lima; --',
    "{{ ref('x') }} {% raw %} %s $1 \\1 \\",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "<think>",
    "</think><think>",
    "<think></think>",
    "<think>why</think>so",
    "<think>a<think>b</think>c</think><answer>",
    "<think>why</think><answer>so</answer>",
    "<think>why</think><answer></answer>",
    "\n\nHuman:",
    "\n\nAssistant:",
    "\n\nHuman: a\n\nAssistant:",
    "\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: d",
    "USER:",
    "ASSISTANT: USER:",
    "USER: a ASSISTANT:",
    "<|start_header_id|>user<|end_header_id|>\n\na<|eot_id|><|start_header_id|>user<|end_header_id|><|eot_id|>",
    "<|start_header_id|>user<|end_header_id|>",
    "<|eot_id|>",
    "[]",
    "[null]",
    '["a", null, "b"]',
    '[["a"], {"b": 1}, 2, true]',
    '["\\ud83d"]',
    '["\\ud83d\\ude00 \\udc00 \\u0000 \\\\ud800"]',
    '["unclosed',
    '"text"',
    "{}",
    "12345678901234567890123",
    "[" * 1_000 + "]" * 1_000,
    '{"a":' * 1_000 + "1" + "}" * 1_000,
    "x" * 100_000,
    "model_a",
    "model_b",
    "tie",
    "tie (bothbad)",
    "user",
    "human",
    "assistant",
    "gpt",
    "system",
    "off",
    "1",
    "1.0",
    "-0",
    "1e400",
]
NUMBERS = [0, -1, 1, 3, -3, 4, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 2**64, 10**23, -(10**40), 0.1, 1e300, -0.0]
# Column names with a meaning here, or in the SQL, or in nothing.
NAMES = [
    "_metadata",
    "_packed",
    "_written",
    "_finite",
    "source_row",
    "metadata",
    "dataset",
    "ordinal",
    "messages_",
    "user_turns",
    "turns_a",
    "chosen_turns",
    "prompt_list",
    "list_a",
    "verified",
    "is_tie",
    "trajectory",
    "final_attempt",
    "chosen_prefix",
    "chosen_answer",
    "trace",
    "tag_parts",
    "reject_reason",
    "select",
    "a b",
    'a"b',
    "a'b",
    "a\\b",
    "a\nb",
    '"; DROP TABLE raw.lima; --',
    "\u202eemorp",
    "n" * 1_000,
]
REFUSED_NAMES = ["_row", "_file", "_record", "_error", "_absent", "_ROW", "file_row_number"]


def json_value(rng: random.Random, depth: int = 3) -> Any:
    """Return any JSON value; chats and their parts are among them."""
    kind = rng.randrange(9 if depth else 4)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind == 1:
        return rng.choice(NUMBERS)
    if kind in (2, 3):
        return rng.choice(TEXTS)
    if kind == 4:
        return [json_value(rng, depth - 1) for _ in range(rng.randrange(4))]
    if kind == 5:
        return {rng.choice([*NAMES, *TEXTS[:20]]): json_value(rng, depth - 1) for _ in range(rng.randrange(4))}
    if kind == 6:
        return [message(rng, depth - 1) for _ in range(rng.randrange(4))]
    if kind == 7:
        return nested(rng.choice(["[", "{"]), rng.choice([100, 500, 900]))
    return message(rng, depth - 1)


def message(rng: random.Random, depth: int = 2) -> Any:
    """Return a message of a chat, or something in its place."""
    role = rng.choice(["user", "human", "assistant", "gpt", "system", "", None, 3, ["user"]])
    content = rng.choice([*TEXTS, None]) if rng.random() < 0.7 else json_value(rng, depth)
    part = {"type": rng.choice(["text", "image", None]), "text": rng.choice([*TEXTS, None])}
    found: Any = {
        rng.choice(["role", "from"]): role,
        rng.choice(["content", "value"]): rng.choice([content, [part, part], [None, part]]),
    }
    if rng.random() < 0.3:
        found["object"] = rng.choice([None, {}, {"code": "x"}, {"code": None}, [], "x"])
    return rng.choice([found, found, found, None, [], "x"])


def nested(bracket: str, depth: int) -> Any:
    """Return an empty list or object inside of so many others."""
    value: Any = [] if bracket == "[" else {}
    for _ in range(depth):
        value = [value] if bracket == "[" else {"a": value}
    return value
