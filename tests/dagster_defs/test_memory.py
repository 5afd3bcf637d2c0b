from __future__ import annotations

import pytest

from dagster_defs.ml import check_memory
from python_assets.errors import SettingsError


def test_vectors_that_do_not_fit_are_an_error_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dagster_defs.ml.held_bytes", lambda: 2**30)
    monkeypatch.setenv("MEMORY_LIMIT", "6GiB")
    check_memory(384, 1_000_000, "sft")
    with pytest.raises(SettingsError, match=r"1024 numbers each, .* beside the 1.0 GiB .* the limit is 6.0 GiB"):
        check_memory(1024, 1_000_000, "sft")
