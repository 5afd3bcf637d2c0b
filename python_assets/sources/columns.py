"""Which raw types satisfy the registry, for Parquet schemas and for single JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from python_assets.warehouse import quote

RESERVED = {
    "_row": "BIGINT",
    "_file": "VARCHAR",
    "_record": "VARCHAR",
    "_error": "VARCHAR",
    "_absent": "VARCHAR[]",
}
ANY_TYPE = "JSON"

_INTEGERS = {"tinyint", "smallint", "integer", "utinyint", "usmallint", "uinteger", "bigint"}
_DOUBLES = _INTEGERS | {"float", "double"}
_INT64 = range(-(2**63), 2**63)
_EXACT_DOUBLES = range(-(2**53), 2**53 + 1)


def arrow_schema(columns: Mapping[str, str]) -> pa.Schema:
    """Translate column names and DuckDB types into an Arrow schema."""
    with duckdb.connect() as connection:
        casts = ", ".join(f"null::{data_type} AS {quote(name)}" for name, data_type in columns.items())
        schema = connection.sql(f"SELECT {casts}").to_arrow_table().schema
    return pa.schema(
        [pa.field(f.name, pa.json_() if columns[f.name] == ANY_TYPE else f.type) for f in schema],
    )


def same_type(one: Any, other: Any) -> bool:
    """Tell whether two DuckDB types are the same, whatever the order of their fields."""
    if one.id == other.id == "list":
        return same_type(_child(one), _child(other))
    if one.id == other.id == "struct":
        fields, others = dict(one.children), dict(other.children)
        return fields.keys() == others.keys() and all(same_type(fields[n], others[n]) for n in fields)
    return str(one) == str(other)


def common_type(one: Any, other: Any) -> Any:
    """Return the type that holds the values of both unchanged, or None."""
    if one is None or other is None or same_type(one, other):
        return other if one is None else one
    if {one.id, other.id} <= _INTEGERS:
        return duckdb.type("BIGINT")
    return None


def satisfies(actual: Any, expected: Any) -> bool:
    """Tell whether a DuckDB type can be read as another one without loss.

    Parameters
    ----------
    actual, expected : duckdb.sqltypes.DuckDBPyType
        A struct may hold more fields than expected, in any order; integers and floats may be
        narrower. JSON is satisfied by any type.
    """
    if str(expected) == ANY_TYPE:
        return True
    if expected.id == "list":
        return actual.id in ("list", "array") and satisfies(_child(actual), _child(expected))
    if expected.id == "struct":
        fields = {name.lower(): child for name, child in actual.children} if (actual.id == "struct") else {}
        return all(
            name.lower() in fields and satisfies(fields[name.lower()], child) for name, child in expected.children
        )
    if expected.id == "bigint":
        return actual.id in _INTEGERS
    if expected.id == "double":
        return actual.id in _DOUBLES
    return bool(actual.id == expected.id)


def as_text(data_type: Any) -> Any:
    """Put VARCHAR in place of each JSON in a type: to the models a text is a text, whatever it holds."""
    if str(data_type) == ANY_TYPE:
        return duckdb.type("VARCHAR")
    if data_type.id == "list":
        return duckdb.list_type(as_text(_child(data_type)))
    if data_type.id == "struct":
        return duckdb.struct_type({name: as_text(child) for name, child in data_type.children})
    return data_type


def can_be_stored(name: str, data_type: Any) -> bool:
    """Tell whether SQL can say the name of a column and those of the fields in its type.

    Parameters
    ----------
    name : str
    data_type : duckdb.sqltypes.DuckDBPyType or None
        None stands for a type that fits any.
    """
    if "\0" in name or "\0" in str(data_type):
        return False
    try:
        return data_type is None or duckdb.type(str(data_type)) is not None
    except duckdb.Error:
        return False


def mismatch(value: Any, expected: pa.DataType) -> str | None:
    """Name the JSON type of a value that does not fit an Arrow type, or return None."""
    if value is None or expected == pa.json_():
        return None
    if pa.types.is_list(expected):
        if not isinstance(value, list):
            return _json_type(value)
        return _first(mismatch(item, expected.value_type) for item in value)
    if pa.types.is_struct(expected):
        if not isinstance(value, dict):
            return _json_type(value)
        return _first(mismatch(value.get(field.name), field.type) for field in expected)
    return None if _fits_leaf(value, expected) else _json_type(value)


def _fits_leaf(value: Any, expected: pa.DataType) -> bool:
    if pa.types.is_string(expected):
        return isinstance(value, str)
    if pa.types.is_boolean(expected):
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if pa.types.is_integer(expected):
        return isinstance(value, int) and value in _INT64
    if isinstance(value, int) and value not in _EXACT_DOUBLES:
        return False
    return pa.types.is_floating(expected) and isinstance(value, (int, float))


def _child(data_type: Any) -> Any:
    return data_type.children[0][1]


def _first(found: Any) -> str | None:
    return next((item for item in found if item is not None), None)


def _json_type(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")
