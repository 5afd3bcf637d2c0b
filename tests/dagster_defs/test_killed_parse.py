from __future__ import annotations

import json
from pathlib import Path

import pytest

from dagster_defs.dbt import dbt_environment, prepare_project


@pytest.mark.slow
def test_a_manifest_that_dbt_was_killed_over_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in dbt_environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    manifest = tmp_path / "dbt" / "target" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"nodes": {"model.warehouse.unified_sft": {"na')
    (manifest.parent / "partial_parse.msgpack").write_bytes(b"\x85\xa4")
    prepare_project(tmp_path)
    assert "model.warehouse.unified_sft" in json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
