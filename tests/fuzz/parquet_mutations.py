"""Mutated copies of Parquet files: of their bytes, of one row, or of a column."""

from __future__ import annotations

import datetime
import decimal
import io
import random
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz import odd
from tests.fuzz.text_mutations import Mutant

_UTC = datetime.UTC
_DAY = datetime.datetime(2024, 2, 29, 23, 59, 59, 999_999)
COLUMNS: list[tuple[Any, list[Any]]] = [
    (pa.string(), odd.TEXTS),
    (pa.json_(), ['{"a": [1, null]}', "null", '"x"', "[]", "12345678901234567890123"]),
    (pa.json_(), ["{", "NaN", "", '"\\ud83d"']),
    (pa.binary(), [b"", b"\xff\x00", b"text"]),
    (pa.binary(2), [b"ab", b"\xff\x00"]),
    (pa.null(), [None]),
    (pa.list_(pa.null()), [[], [None], None]),
    (pa.bool_(), [True, False, None]),
    (pa.uint64(), [2**64 - 1, 0]),
    (pa.int64(), [2**63 - 1, -(2**63), None]),
    (pa.float16(), [0.5, float("nan")]),
    (pa.float32(), [0.1, float("nan"), float("inf")]),
    (pa.float64(), [0.1, float("nan"), -float("inf"), 1e300, -0.0]),
    (pa.list_(pa.float64()), [[float("nan"), float("nan"), 1.0], [], None, [float("inf")]]),
    (pa.decimal128(38, 2), [decimal.Decimal("123456789012345678901234567890123456.78"), None]),
    (pa.decimal256(50, 2), [decimal.Decimal("1.10"), None]),
    (pa.date32(), [_DAY.date(), datetime.date(1, 1, 1), None]),
    (pa.timestamp("us"), [_DAY, datetime.datetime(1, 1, 1), None]),
    (pa.timestamp("ns"), [0, 2**63 - 1, None]),
    (pa.timestamp("ms", "UTC"), [_DAY.replace(tzinfo=_UTC), None]),
    (pa.timestamp("us", "Asia/Tokyo"), [_DAY.replace(tzinfo=_UTC), None]),
    (pa.timestamp("ms"), [2**62, -(2**62), None]),
    (pa.time64("us"), [datetime.time(23, 59), None]),
    (pa.duration("us"), [datetime.timedelta(days=-1), None]),
    (pa.map_(pa.string(), pa.float64()), [[("a", float("nan")), ("a", 1.0)], [], None]),
    (pa.map_(pa.float64(), pa.string()), [[(float("nan"), "NaN")], None]),
    (pa.dictionary(pa.int8(), pa.string()), ["a", "b", None]),
    (pa.large_string(), ["a", None]),
    (pa.large_list(pa.large_string()), [["a", None], None]),
    (pa.list_(pa.int32(), 2), [[1, None], None]),
    (pa.uuid(), [b"0" * 16, None]),
    (pa.struct([pa.field(name, pa.string()) for name in ("", "a b", 'a"b', "select")]), [{"": "x"}, None, {}]),
    (pa.struct([("a", pa.string()), ("A", pa.string())]), [{"a": "x", "A": "y"}, None]),
    (pa.struct([("a\0b", pa.string())]), [{"a\0b": "x"}, None]),
    (pa.struct([("role", pa.string()), ("content", pa.int64())]), [{"role": "user", "content": 1}]),
    (pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])), [[{"role": "user", "content": "x"}]]),
    (pa.list_(pa.list_(pa.list_(pa.list_(pa.string())))), [[[[["NaN", None]]]], [[]], None]),
]

ParquetMutation = Callable[[random.Random, bytes], Mutant]


def flip(rng: random.Random, content: bytes) -> Mutant:
    """Flip some bits, of the footer for choice."""
    changed = bytearray(content)
    start = rng.choice([0, max(0, len(content) - 400)])
    for _ in range(rng.choice([1, 2, 8, 64])):
        changed[rng.randrange(start, len(content))] ^= 1 << rng.randrange(8)
    return Mutant(bytes(changed), is_packed=True)


def replace(rng: random.Random, content: bytes) -> Mutant:
    """Truncate, repeat, or put something else in its place."""
    place = rng.randrange(len(content))
    choices = [
        content[:place],
        content[place:],
        content[:place] + content[place + rng.choice([1, 4, 64]) :],
        content[:4] + content[-8:],
        content + content,
        content + b"\0",
        b"",
        b"PAR1",
        b"PAR1PAR1",
        b"PARE" + content[4:-4] + b"PARE",
        b'{"prompt": "x"}\n',
        b"\x1f\x8b" + content,
        content[:-8] + rng.choice([b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff"]) + b"PAR1",
    ]
    return Mutant(rng.choice(choices), is_packed=True)


def one_row(rng: random.Random, content: bytes) -> Mutant:
    """Change some values of one row."""
    table = pq.read_table(io.BytesIO(content))
    if not len(table):
        return Mutant(content, is_packed=True)
    number = rng.randrange(len(table))
    rows = table.to_pylist()
    all_null = rng.random() < 0.2
    for column in table.schema:
        if all_null or rng.random() < 0.5:
            rows[number][column.name] = None if all_null else value(rng, column.type)
    others = [n for n in range(len(rows)) if n != number]
    return Mutant(_written(rng, pa.Table.from_pylist(rows, table.schema)), others, is_packed=True, only=number)


def rewritten(rng: random.Random, content: bytes) -> Mutant:
    """Write the same rows with other settings."""
    table = pq.read_table(io.BytesIO(content))
    if rng.random() < 0.2:
        return Mutant(_written(rng, table.slice(0, 0)), is_packed=True)
    order = rng.sample(table.column_names, len(table.column_names))
    written = _written(rng, table.select(order) if rng.random() < 0.3 else table)
    return Mutant(written, list(range(len(table))), is_packed=True)


def every_row(rng: random.Random, content: bytes) -> Mutant:
    """Change a column in all rows: gone, renamed, null, of another type, or one more."""
    table = pq.read_table(io.BytesIO(content))
    place = rng.randrange(table.num_columns)
    name = table.column_names[place]
    kind = rng.choice(["gone", "renamed", "null", "odd", "retyped", "added", "added", "added", "twice"])
    if kind == "gone":
        table = table.remove_column(place)
    elif kind == "renamed":
        names = list(table.column_names)
        names[place] = rng.choice([name.upper(), *odd.NAMES, *odd.REFUSED_NAMES, "", "a\0b"])
        table = table.rename_columns(names)
    elif kind == "null":
        table = table.set_column(place, name, pa.nulls(len(table)))
    elif kind == "odd":
        values = [value(rng, table.schema.field(place).type) for _ in range(len(table))]
        table = table.set_column(place, name, pa.array(values, table.schema.field(place).type))
    elif kind == "retyped":
        table = table.set_column(place, name, any_column(rng, len(table)))
    elif kind == "twice":
        table = table.append_column(rng.choice([name, name.upper()]), any_column(rng, len(table)))
    else:
        added = rng.choice([*odd.NAMES, *odd.REFUSED_NAMES, "", "a\0b", "\0"])
        table = table.add_column(rng.choice([0, table.num_columns]), added, any_column(rng, len(table)))
        if table.column_names.count(added) == 1 and added:
            return Mutant(_written(rng, table), list(range(len(table))), is_packed=True, added=added)
    return Mutant(_written(rng, table), is_packed=True)


def value(rng: random.Random, data_type: pa.DataType) -> Any:
    """Return a value of an Arrow type, null and empty ones often."""
    if rng.random() < 0.2:
        return None
    if pa.types.is_list(data_type):
        return [value(rng, data_type.value_type) for _ in range(rng.choice([0, 1, 1, 2, 3]))]
    if pa.types.is_struct(data_type):
        return {f.name: value(rng, f.type) for f in data_type}
    if pa.types.is_boolean(data_type):
        return rng.random() < 0.5
    if pa.types.is_integer(data_type):
        return rng.choice([0, 1, -1, 127, -128])
    if pa.types.is_floating(data_type):
        return rng.choice([0.0, -0.0, 0.1, float("nan"), float("inf"), -float("inf"), 1e300])
    if pa.types.is_string(data_type) or pa.types.is_large_string(data_type):
        return rng.choice(odd.TEXTS)
    return None


def any_column(rng: random.Random, n: int) -> pa.Array:
    """Return a column of any type."""
    data_type, values = rng.choice(COLUMNS)
    return pa.array([rng.choice(values) for _ in range(n)], data_type)


def _written(rng: random.Random, table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(
        table,
        out,
        compression=rng.choice(["snappy", "zstd", "gzip", "brotli", "lz4", "none"]),
        row_group_size=rng.choice([1, 3, 1_000]),
        data_page_version=rng.choice(["1.0", "2.0"]),
        use_dictionary=rng.random() < 0.5,
        version=rng.choice(["1.0", "2.4", "2.6"]),
        write_page_checksum=rng.random() < 0.3,
        store_schema=rng.random() < 0.7,
    )
    return out.getvalue()


MUTATIONS: dict[str, ParquetMutation] = {
    "flip": flip,
    "replace": replace,
    "one row": one_row,
    "rewritten": rewritten,
    "every row": every_row,
}
WEIGHTS = {"flip": 5, "replace": 2, "one row": 4, "rewritten": 1, "every row": 7}
