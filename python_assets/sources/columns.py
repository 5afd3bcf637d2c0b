"""Which raw types satisfy the registry, for Parquet schemas and for single JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

_INTEGERS = {"tinyint", "smallint", "integer", "utinyint", "usmallint", "uinteger", "bigint"}
_DOUBLES = _INTEGERS | {"float", "double"}
_INT64 = range(-(2**63), 2**63)
_EXACT_DOUBLES = range(-(2**53), 2**53 + 1)


def arrow_schema(columns: Mapping[str, str]) -> pa.Schema:
    """Translate column names and DuckDB types into an Arrow schema."""
    with duckdb.connect() as connection:
        casts = ", ".join(
            f'null::{data_type} AS "{name.replace(chr(34), chr(34) * 2)}"' for name, data_type in columns.items()
        )
        return connection.sql(f"SELECT {casts}").to_arrow_table().schema


def satisfies(actual: Any, expected: Any) -> bool:
    """Tell whether a DuckDB type can be read as another one without loss.

    Parameters
    ----------
    actual, expected : duckdb.sqltypes.DuckDBPyType
        A struct may hold more fields than expected, in any order; integers and floats may be
        narrower.
    """
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


def mismatch(value: Any, expected: pa.DataType) -> str | None:
    """Name the JSON type of a value that does not fit an Arrow type, or return None."""
    if value is None:
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
