"""Hypothesis strategies for what can stand in the columns of a dataset."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from python_assets.sources.columns import arrow_schema
from python_assets.sources.registry import Dataset
from tests.fuzz import odd

TOKENS = [
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    "\n\nHuman:",
    "\n\nAssistant:",
    "USER:",
    "ASSISTANT:",
    "<|start_header_id|>user<|end_header_id|>",
    "<|eot_id|>",
    "[",
    "]",
    '"',
    '","',
    "null",
    "\\",
    "\\u",
    "\\ud83d",
    "\\udc00",
    "NaN",
    ":NaN,",
    "{",
    "}",
    " ",
    "\n",
    "\t",
    "\0",
    "\u202e",
    "\u3000",
    "a",
    "é",
    "中",
]
ROLES = ["user", "human", "assistant", "gpt", "system", "User", "", "tool"]
VERDICTS = ["model_a", "model_b", "tie", "tie (bothbad)", "off", "on", "0", "1", " 1", "1.0", "TRUE"]

texts = st.one_of(
    st.sampled_from(odd.TEXTS),
    st.sampled_from([*ROLES, *VERDICTS]),
    st.lists(st.sampled_from(TOKENS), max_size=8).map("".join),
    st.text(max_size=12),
)
broken_texts = st.text(st.characters(categories=["Cs", "L"]), min_size=1, max_size=4)
numbers = st.one_of(st.sampled_from(odd.NUMBERS), st.integers(), st.floats())


def messages(contents: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return lists of messages, whose roles and contents may be anything."""
    roles = st.one_of(st.sampled_from(ROLES), st.none(), contents)
    parts = st.fixed_dictionaries({}, optional={"type": st.sampled_from(["text", "image", None]), "text": contents})
    apps = st.one_of(st.none(), contents, st.fixed_dictionaries({}, optional={"code": contents}))
    names = {"role": roles, "from": roles, "value": contents, "object": apps}
    content = st.one_of(contents, st.lists(st.one_of(parts, st.none(), contents), max_size=3))
    message = st.fixed_dictionaries({}, optional={**names, "content": content})
    return st.lists(st.one_of(message, message, st.none(), contents), max_size=4)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts, broken_texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(texts, st.sampled_from(odd.NAMES)), inner, max_size=3),
        messages(inner),
    ),
    max_leaves=8,
)


def of_type(data_type: pa.DataType, leaf: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Return values of an Arrow type: nulls everywhere, empty lists, null elements, odd texts."""
    if data_type == pa.json_():
        return st.one_of(json_values, messages(texts))
    if pa.types.is_list(data_type):
        return st.none() | st.lists(of_type(data_type.value_type, leaf), max_size=4)
    if pa.types.is_struct(data_type):
        fields = {field.name: of_type(field.type, _named(field.name, leaf)) for field in data_type}
        return st.none() | st.fixed_dictionaries(fields)
    if pa.types.is_boolean(data_type):
        return st.none() | st.booleans()
    if pa.types.is_integer(data_type):
        return st.none() | st.integers(-4, 4) | st.integers(-(2**63), 2**63 - 1)
    return st.none() | leaf


def _named(name: str, leaf: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(ROLES) if name in ("role", "from") else leaf


def columns(dataset: Dataset) -> dict[str, pa.DataType]:
    """Return the Arrow types of the columns of a registry entry."""
    return {field.name: field.type for field in arrow_schema(dataset.columns)}


def json_rows(dataset: Dataset) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return records of a JSON file: mostly of the types that the registry names, now and then of any."""
    leaf = texts | broken_texts
    fields = {
        name: st.one_of(of_type(kind, leaf), of_type(kind, leaf), of_type(kind, leaf), json_values)
        for name, kind in columns(dataset).items()
    }
    extra = st.dictionaries(st.sampled_from(odd.NAMES), json_values, max_size=1)
    row = st.builds(lambda some, more: {**more, **some}, st.fixed_dictionaries({}, optional=fields), extra)
    return st.lists(row | st.fixed_dictionaries(fields), min_size=1, max_size=8)


def csv_rows(dataset: Dataset) -> st.SearchStrategy[list[dict[str, str]]]:
    """Return records of a CSV file."""
    fields = dict.fromkeys(dataset.columns, texts | json_values.map(json.dumps))
    return st.lists(st.fixed_dictionaries(fields), min_size=1, max_size=8)


def parquet_rows(dataset: Dataset) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return rows of a Parquet file; a column of any type is a text or a list of texts in all of them."""
    kinds = columns(dataset)
    anything = [name for name, kind in kinds.items() if kind == pa.json_()]
    any_types = st.tuples(*(st.sampled_from([pa.string(), pa.list_(pa.string())]) for _ in anything))

    def rows(chosen: tuple[pa.DataType, ...]) -> st.SearchStrategy[list[dict[str, Any]]]:
        types = {**kinds, **dict(zip(anything, chosen, strict=True))}
        fields = {name: of_type(kind, texts) for name, kind in types.items()}
        table = st.lists(st.fixed_dictionaries(fields), min_size=1, max_size=8)
        return table.map(lambda found: pa.Table.from_pylist(found, pa.schema(list(types.items()))))

    return any_types.flatmap(rows)
