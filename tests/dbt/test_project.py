from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPO_DIR

DBT_DIR = REPO_DIR / "dbt_project"
Dbt = Callable[..., "subprocess.CompletedProcess[str]"]


def test_the_project_parses_without_a_warning_and_each_model_says_its_grain(dbt: Dbt, tmp_path: Path) -> None:
    parsed = dbt("parse", "--warn-error")
    assert parsed.returncode == 0, parsed.stdout
    manifest = json.loads((tmp_path / "target" / "manifest.json").read_text(encoding="utf-8"))
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    described = [m for m in models if m["schema"] != "staging"]
    for node in [*described, *manifest["sources"].values()]:
        assert re.search(r"One row per [^.]+\.$", node["description"]), node["name"]
    for node in models:
        if node["schema"] in ("intermediate", "marts"):
            assert node["contract"]["enforced"], node["name"]


def test_unit_tests_of_every_rule_pass_and_all_models_build_on_an_empty_warehouse(
    dbt: Dbt,
) -> None:
    built = dbt("build")
    assert built.returncode == 0, built.stdout[-4000:]
    assert re.search(r"\d\d unit tests", built.stdout)


@pytest.fixture
def broken_project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DBT_DIR, tmp_path / "dbt_project", ignore=_run_products))


def _run_products(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name in ("target", "logs")]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("'stg_cot__limo',", "", "feeds cot from limo, but macros/registry.sql does not list"),
        (
            "'stg_cot__limo',",
            "'stg_cot__limo', 'stg_sft__lima',",
            "lists stg_sft__lima, but no entry of the registry feeds cot from it",
        ),
    ],
)
def test_a_staging_model_and_its_registry_entry_go_together(
    dbt: Dbt, broken_project: Path, old: str, new: str, message: str
) -> None:
    macro = broken_project / "macros" / "registry.sql"
    macro.write_text(macro.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    run: Any = dbt("run", project_dir=broken_project)
    assert run.returncode != 0
    assert message in " ".join(run.stdout.split())
