"""A text with think tags is split where a plain search splits it, whatever stands around the tags."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.models import warehouse_of

TABLE = "openr1_math_220k_default"
_PARTS = ["<think>", "</think>", "<think", "/think>", ">", " ", "\t\r\n", "\u3000", "\v", "a", "想", "b\n\nc"]
_TRACES = st.one_of(st.none(), st.lists(st.sampled_from(_PARTS), max_size=9).map("".join))


@pytest.fixture(scope="module")
def connection(views: dict[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse_of(views) as connection:
        yield connection


@given(traces=st.lists(_TRACES, min_size=1, max_size=50))
def test_thinking_and_answer_are_what_a_search_finds(
    connection: duckdb.DuckDBPyConnection, traces: list[str | None]
) -> None:
    rows = [
        {"_row": number, "problem": "p", "messages": [{"role": "assistant", "content": trace}]}
        for number, trace in enumerate(traces)
    ]
    connection.execute(f"DELETE FROM raw.{TABLE}")
    connection.execute(f"INSERT INTO raw.{TABLE} BY NAME SELECT unnest(?, max_depth := 2)", [rows])
    found = connection.sql(
        f"SELECT thinking, has_thinking, answer, reject_reason FROM staging.stg_cot__{TABLE} ORDER BY _row"
    ).fetchall()
    assert found == [_split(trace) for trace in traces]


def _split(trace: str | None) -> tuple[str | None, bool, str | None, str | None]:
    match = re.search("<think>(.*?)</think>(.*)", trace or "", re.DOTALL)
    if match is None:
        return None, False, None, None if trace is None else "unclosed_tags"
    thinking, answer = (part.strip(" \t\r\n") or None for part in match.groups())
    return thinking, thinking is not None, answer, None
