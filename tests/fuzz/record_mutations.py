"""Changes of single records of text files."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import Any

from tests.fuzz import odd

JUNK = [
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b'"',
    b'""',
    b"'",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"\n",
    b"\r",
    b"\r\n",
    b"\x1a",
    b"\xe2\x80\xa8",
    b"\xe2\x80\xae",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"NaN",
    b"1e400",
    b"[" * 1_000,
    b'{"a":' * 1_000,
    b"[" * 200_000,
    b"9" * 5_000,
    b"/* c */",
    b"\0" * 4_096,
]


def changed_json(rng: random.Random, text: bytes) -> bytes:
    """Change the JSON text of a record, mostly into another JSON text."""
    try:
        value = json.loads(text)
    except ValueError:
        value = {}
    kind = rng.randrange(10)
    if kind == 0 or not isinstance(value, dict) or not value:
        return json.dumps(odd.json_value(rng)).encode()
    name = rng.choice(sorted(value))
    if kind == 1:
        del value[name]
    elif kind == 2:
        value = dict.fromkeys(value)
    elif kind == 3:
        value = {rng.choice(odd.NAMES): value[name], **value}
    elif kind == 4:
        raw = json.dumps(value)
        return (raw[:-1] + f", {json.dumps(name)}: {json.dumps(odd.json_value(rng))}}}").encode()
    elif kind == 5:
        deep = rng.choice([b"[" * 1_000 + b"]" * 1_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000])
        return (
            json.dumps(value)[:-1].encode() + b", " + json.dumps(rng.choice([name, "x"])).encode() + b": " + deep + b"}"
        )
    elif kind == 6:
        raw = rng.choice(["12345678901234567890123", "-1e999", "NaN", "-Infinity", "9" * 5_000, "0.1" + "0" * 400])
        return json.dumps({**value, rng.choice([name, "x"]): "@"}).replace('"@"', raw).encode()
    elif kind == 7:
        surrogate = json.dumps(value).replace("e", rng.choice(["\\ud83d", "\\udc00", "\\ude00\\ud83d"]), 3)
        return surrogate.encode()
    elif kind == 8:
        place = rng.choice(_places(value))
        _put(value, place, odd.json_value(rng))
    else:
        place = rng.choice(_places(value))
        _put(value, place, rng.choice(odd.TEXTS))
    return json.dumps(value, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        inner = [place for key, item in value.items() for place in _places(item, (*path, key))]
    elif isinstance(value, list):
        inner = [place for key, item in enumerate(value) for place in _places(item, (*path, key))]
    else:
        inner = []
    return [*inner, path] if path else inner


def _put(value: Any, path: tuple[Any, ...], new: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new


def changed_csv(rng: random.Random, text: bytes) -> bytes:
    """Change the text of a CSV record, quoting accidents included."""
    fields = next(csv.reader(io.StringIO(text.decode("utf-8", "replace"), newline="")))
    kind = rng.randrange(8)
    if kind == 0:
        fields.append(rng.choice(odd.TEXTS))
    elif kind == 1:
        fields.pop()
    elif kind == 2:
        return text[: rng.randrange(len(text))] + rng.choice([b'"', b'""', b'"x', b"\0", b"\xff", b'",'])
    elif kind == 3:
        place = rng.randrange(len(text))
        return text[:place] + rng.choice(JUNK) + text[place:]
    elif kind == 4:
        fields = ["" for _ in fields]
    else:
        fields[rng.randrange(len(fields))] = rng.choice(odd.TEXTS)
    out = io.StringIO(newline="")
    csv.writer(out, quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])).writerow(fields)
    return out.getvalue().encode("utf-8", "surrogatepass")


def changed_header(rng: random.Random, content: bytes) -> bytes:
    """Give one column of a CSV file another name."""
    header, end, rest = content.partition(b"\n")
    names = next(csv.reader([header.decode("utf-8-sig")]))
    place = rng.randrange(len(names))
    names[place] = rng.choice([*odd.NAMES, *odd.REFUSED_NAMES, "", names[0], names[0].upper(), "a\0b", "\0", "\udcff"])
    out = io.StringIO(newline="")
    csv.writer(out, quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])).writerow(names)
    return out.getvalue().rstrip("\r\n").encode("utf-8", "surrogateescape") + end + rest
