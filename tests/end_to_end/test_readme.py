"""The READMEs show what a reader will see."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPO_DIR, Run

READMES = ("README.md", "README.zh.md")


@pytest.mark.parametrize("name", READMES)
def test_the_statistics_give_what_the_readme_shows(sample_run: Run, name: str) -> None:
    text = (REPO_DIR / name).read_text(encoding="utf-8")
    shown = re.findall(r"```sql\n(SELECT.*?)```\n\n((?:\|[^\n]*\n)+)", text, re.DOTALL)
    assert len(shown) == 5
    for query, table in shown:
        output = subprocess.run(
            [
                str(Path(sys.executable).parent / "duckdb"),
                "-readonly",
                "-markdown",
                str(sample_run.root / "warehouse.duckdb"),
                "-c",
                query,
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        assert output.stdout.strip() == table.strip()


@pytest.mark.parametrize("name", READMES)
def test_the_table_at_the_end_of_the_demo_is_the_readmes(sample_run: Run, name: str) -> None:
    text = (REPO_DIR / name).read_text(encoding="utf-8")
    (table,) = re.findall(r"```\n(type  .*?)```", text, re.DOTALL)
    assert table in sample_run.stdout


@pytest.mark.parametrize("name", READMES)
def test_the_commands_exist(name: str) -> None:
    text = (REPO_DIR / name).read_text(encoding="utf-8")
    makefile = (REPO_DIR / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert {"demo", "test", "run", "ui", "sql", "lint"} <= named <= targets
