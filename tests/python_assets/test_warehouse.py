from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from python_assets.errors import SettingsError, WarehouseBusyError
from python_assets.files import write_aside
from python_assets.sql_shell import readable_warehouse
from python_assets.warehouse import (
    connect,
    quote,
    replace_table,
    replace_tables,
    replace_view,
)

HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read")
print("held", flush=True)
sys.stdin.readline()
"""


@contextmanager
def _held(path: Path, how: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the file until it reads a line."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield holder
    finally:
        holder.communicate("\n")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with connect(path):
        return path


@pytest.mark.parametrize(("holder_mode", "read_only"), [("write", True), ("read", False)])
def test_a_held_warehouse_names_the_holder_and_what_to_do(path: Path, holder_mode: str, read_only: bool) -> None:
    with _held(path, holder_mode) as holder:
        with (
            pytest.raises(WarehouseBusyError) as refused,
            connect(path, read_only=read_only, wait_seconds=0.0),
        ):
            pass
        assert f"(process {holder.pid})" in str(refused.value)
        assert "close that SQL shell" in str(refused.value)


def test_who_waits_says_so_and_goes_on_when_the_file_is_free(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    told = threading.Event()

    class Tell(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.set()

    logger = logging.getLogger("python_assets.warehouse")
    handler = Tell()
    logger.addHandler(handler)
    opened = threading.Event()

    def open_it() -> None:
        with connect(path, wait_seconds=30.0):
            opened.set()

    try:
        with _held(path, "read"):
            waiter = threading.Thread(target=open_it)
            waiter.start()
            assert told.wait(10)
            assert not opened.is_set()
        waiter.join(30)
        assert opened.is_set()
    finally:
        logger.removeHandler(handler)


def test_two_readers_may_read_at_once(path: Path) -> None:
    with (
        _held(path, "read"),
        connect(path, read_only=True, wait_seconds=0.0) as connection,
    ):
        assert connection.sql("SELECT 1").fetchall() == [(1,)]


def test_a_connection_is_closed_when_its_body_fails(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), connect(path):
        raise ZeroDivisionError
    with connect(path, read_only=True) as connection:
        assert connection.sql("SELECT 1").fetchall() == [(1,)]


def test_a_table_and_a_view_may_take_each_others_place(path: Path) -> None:
    with connect(path) as connection:
        replace_table(connection, "ml", "thing", pa.table({"x": [1, 2]}))
        replace_view(connection, "ml", "thing", "SELECT 3 AS x")
        assert connection.sql("SELECT x FROM ml.thing").fetchall() == [(3,)]
        replace_table(connection, "ml", "thing", pa.table({"x": [4]}))
        assert connection.sql("SELECT x FROM ml.thing").fetchall() == [(4,)]


def test_the_shell_says_when_there_is_no_warehouse(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no warehouse at"), ExitStack() as stack:
        stack.enter_context(readable_warehouse(tmp_path))


def test_identifiers_are_quoted() -> None:
    assert quote('a"; DROP TABLE x; --') == '"a""; DROP TABLE x; --"'


def test_a_file_is_complete_or_absent(tmp_path: Path) -> None:
    target = tmp_path / "out" / "file.txt"
    with write_aside(target) as aside:
        aside.write_text("first")
        assert not target.exists()
    with pytest.raises(TypeError), write_aside(target) as aside:
        aside.write_text(b"not text")  # type: ignore[arg-type]
    assert target.read_text() == "first"
    assert [path.name for path in target.parent.iterdir()] == ["file.txt"]


def test_tables_that_belong_together_are_replaced_together_or_not_at_all(path: Path) -> None:
    with connect(path) as connection:
        replace_tables(connection, "ml", {"edges": pa.table({"x": [1]}), "points": pa.table({"x": [1]})})
        with pytest.raises(duckdb.InvalidInputException):
            replace_tables(connection, "ml", {"edges": pa.table({"x": [2]}), "points": object()})  # type: ignore[dict-item]
        assert connection.sql("SELECT x FROM ml.edges UNION ALL SELECT x FROM ml.points").fetchall() == [(1,), (1,)]
