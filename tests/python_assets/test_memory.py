from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from python_assets.errors import SettingsError
from python_assets.memory import held_bytes, memory_limit, memory_limit_bytes, peak_bytes, release_memory
from python_assets.warehouse import connect


def test_the_memory_limit_is_a_setting_of_which_duckdb_takes_two_thirds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MEMORY_LIMIT", "768MiB")
    assert memory_limit() == "768MiB"
    assert memory_limit_bytes() == 768 * 2**20
    with connect(tmp_path / "x.duckdb") as connection:
        assert connection.sql("SELECT current_setting('memory_limit')").fetchall() == [("512.0 MiB",)]


def test_a_memory_limit_that_is_no_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMORY_LIMIT", "much")
    with pytest.raises(SettingsError, match="MEMORY_LIMIT is 'much'"):
        memory_limit_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process holds")
def test_what_is_held_and_was_held() -> None:
    before = held_bytes() or 0
    held = np.ones(40_000_000)
    assert (held_bytes() or 0) - before > held.nbytes * 0.9
    assert (peak_bytes(os.getpid()) or 0) >= held.nbytes
    assert peak_bytes(2**22 + 1) is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process holds")
def test_what_only_a_cycle_of_references_kept_is_given_back_when_much_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    cycle: list[object] = [np.ones(40_000_000)]
    cycle.append(cycle)
    before = held_bytes() or 0
    del cycle
    monkeypatch.setenv("MEMORY_LIMIT", "1TB")
    release_memory()
    assert before - (held_bytes() or 0) < 100_000_000
    monkeypatch.setenv("MEMORY_LIMIT", "1GB")
    release_memory()
    assert before - (held_bytes() or 0) > 300_000_000
