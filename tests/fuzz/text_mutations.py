"""Mutated copies of text files: of their bytes, of one record, or of a column."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fuzz import odd, spans
from tests.fuzz.record_mutations import JUNK, changed_csv, changed_header, changed_json


@dataclass
class Mutant:
    """The new content of a file.

    Attributes
    ----------
    content : bytes
        Of the file, decompressed unless `is_packed`.
    same : list of int
        The records of the old file whose rows may not change.
    may_join : bool
        Whether such a record may be found inside of a quarantined one instead.
    is_packed : bool
        Whether the content is what the file holds as it stands.
    only : int or None
        The only record that may change: then all others keep their numbers too.
    added : str or None
        The one column that the metadata of the same rows now has and did not have before.
    """

    content: bytes
    same: list[int] = field(default_factory=list)
    may_join: bool = False
    is_packed: bool = False
    only: int | None = None
    added: str | None = None


TextMutation = Callable[[random.Random, bytes, str], Mutant]


def flip(rng: random.Random, content: bytes, file_format: str) -> Mutant:
    """Flip some bits."""
    places = sorted(rng.randrange(len(content)) for _ in range(rng.choice([1, 1, 2, 8])))
    changed = bytearray(content)
    for place in places:
        changed[place] ^= 1 << rng.randrange(8)
    return _damaged(content, bytes(changed), places[0], places[-1] + 1, file_format)


def insert(rng: random.Random, content: bytes, file_format: str) -> Mutant:
    """Put junk somewhere, or in place of something."""
    place = rng.randrange(len(content) + 1)
    end = min(len(content), place + rng.choice([0, 0, 1, 5]))
    changed = content[:place] + rng.choice(JUNK) + content[end:]
    return _damaged(content, changed, place, end, file_format)


def cut_out(rng: random.Random, content: bytes, file_format: str) -> Mutant:
    """Leave out or repeat a part."""
    place, end = sorted((rng.randrange(len(content)), rng.randrange(len(content))))
    part = content[place:end] * rng.choice([0, 2])
    return _damaged(content, content[:place] + part + content[end:], place, end, file_format)


def truncate(rng: random.Random, content: bytes, file_format: str) -> Mutant:
    """End too early."""
    place = rng.randrange(len(content))
    same = [n for n, (_, end) in enumerate(spans.records(content, file_format)) if end <= place]
    return Mutant(content[:place], same, may_join=file_format != "jsonl")


def surround(rng: random.Random, content: bytes, file_format: str) -> Mutant:
    """Add something at an end that changes no record, or changes all."""
    everything = list(range(len(spans.records(content, file_format))))
    lines = content.replace(b"\r\n", b"\n")
    harmless = [b"\xef\xbb\xbf" + content.removeprefix(b"\xef\xbb\xbf"), content.rstrip(b"\n"), content + b"\n\n"]
    if file_format != "csv":
        harmless += [b"\n\r\n \n" + content, lines.replace(b"\n", b"\r\n")]
    other = [
        content + b"\0" * 512,
        content + b"\x1a",
        content + content,
        content.decode("utf-8", "replace").encode("utf-16"),
        content.decode("utf-8", "replace").encode("utf-32"),
        lines.replace(b"\n", b"\r"),
        b"\0" + content,
        b"[" + content,
        b'{"data": ' + content + b"}",
        b"<!DOCTYPE html><html><body>404</body></html>",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        b"",
        b"\n",
        b" ",
        b"[]",
        b"{}",
        b"null",
        b"\xef\xbb\xbf",
        b"PAR1",
    ]
    if rng.random() < 0.4:
        return Mutant(rng.choice(harmless), everything)
    return Mutant(rng.choice(other))


def one_record(rng: random.Random, content: bytes, file_format: str) -> Mutant:
    """Change one record, and leave the file well-formed around it."""
    found = spans.records(content, file_format)
    if not found:
        return Mutant(content)
    number = rng.randrange(len(found))
    start, end = found[number]
    change = changed_csv if file_format == "csv" else changed_json
    text = change(rng, content[start:end])
    others = [n for n in range(len(found)) if n != number]
    is_one_line = b"\n" not in text.rstrip(b"\r\n") or file_format == "json"
    return Mutant(
        content[:start] + text + content[end:],
        others,
        may_join=file_format == "csv",
        only=number if is_one_line and file_format != "csv" else None,
    )


def every_record(rng: random.Random, content: bytes, file_format: str) -> Mutant:
    """Change a column in all records: gone, renamed, null, or of another type."""
    if file_format == "csv":
        return Mutant(changed_header(rng, content))
    rows = []
    for start, end in spans.records(content, file_format):
        try:
            rows.append(json.loads(content[start:end]))
        except ValueError:
            continue
    objects = [row for row in rows if isinstance(row, dict) and row]
    if not objects:
        return Mutant(content)
    name = rng.choice(sorted(rng.choice(objects)))
    kind = rng.choice(["gone", "renamed", "null", "retyped", "wrapped", "added", "odd"])
    added = rng.choice([*odd.NAMES, *odd.REFUSED_NAMES])
    for row in objects:
        if kind in ("gone", "renamed"):
            value = row.pop(name, None)
            if kind == "renamed":
                row[name.upper()] = value
        elif kind == "null":
            row[name] = None
        elif kind == "retyped":
            row[name] = 7
        elif kind == "wrapped":
            row[name] = [row.get(name)]
        elif kind == "added":
            row[added] = odd.json_value(rng)
        else:
            row[name] = odd.json_value(rng)
    if file_format == "json" and rng.random() < 0.5:
        return Mutant(json.dumps(rows).encode())
    return Mutant(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def _damaged(old: bytes, new: bytes, place: int, end: int, file_format: str) -> Mutant:
    """Say which records lie before the damage; behind it they may have become part of a broken one."""
    found = spans.records(old, file_format)
    start_of_first = found[0][0] if found else len(old)
    if place < start_of_first:
        return Mutant(new)
    before = [n for n, (_, stop) in enumerate(found) if stop < place]
    behind = [n for n, (start, _) in enumerate(found) if start > end + 1]
    return Mutant(new, before + behind, may_join=file_format != "jsonl")


MUTATIONS: dict[str, TextMutation] = {
    "flip": flip,
    "insert": insert,
    "cut out": cut_out,
    "truncate": truncate,
    "surround": surround,
    "one record": one_record,
    "every record": every_record,
}
WEIGHTS = {"flip": 2, "insert": 3, "cut out": 1, "truncate": 1, "surround": 2, "one record": 6, "every record": 3}
