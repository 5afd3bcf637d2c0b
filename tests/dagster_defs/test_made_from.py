"""After an export, folders that were made from other rows are named, and how to renew them."""

from __future__ import annotations

import logging
from pathlib import Path

import duckdb
import pytest

from dagster_defs.exports import write_provenance
from dagster_defs.resources import Locations
from dagster_defs.settings import Settings


def _export(root: Path, eps: float, prompt: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA intermediate")
        connection.execute(
            "CREATE TABLE intermediate.int_sft_merged AS SELECT ?::VARCHAR AS prompt, '0_a' AS source_prompt_id, "
            "sha256(?) AS exact_key, sha256(?) AS text_key, 1::UHUGEINT AS solution_key, 0 AS solution_chars",
            [prompt] * 3,
        )
        locations = Locations((), root)
        write_provenance(
            connection, "sft", locations.files("sft", eps), Settings(eps=eps, precision="float32"), locations
        )


def test_a_folder_of_other_rows_is_named_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "dagster_defs"):
        _export(tmp_path, 0.2, "one")
        _export(tmp_path, 0.1, "one")
        assert not caplog.messages
        _export(tmp_path, 0.1, "two")
    (warning,) = caplog.messages
    assert "dedup_eps0.2 was made from other rows" in warning
    assert f"make eps WAREHOUSE_DIR={tmp_path} TYPE=sft EPS=0.2" in warning
    assert (tmp_path / "outputs/sft_all/dedup_eps0.2/made_from.json").is_file()
