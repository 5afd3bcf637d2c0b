"""The READMEs show what a reader will see."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import jinja2
import pytest

from tests.conftest import REPO_DIR, Run

READMES = ("README.md", "README.zh.md")
ANALYSES = sorted((REPO_DIR / "dbt_project" / "analyses").glob("*.sql"))


@pytest.mark.parametrize("name", READMES)
def test_the_statistics_give_what_the_readme_shows(sample_run: Run, name: str) -> None:
    text = (REPO_DIR / name).read_text(encoding="utf-8")
    shown = re.findall(r"```sql\n(SELECT.*?)```\n\n((?:\|[^\n]*\n)+)", text, re.DOTALL)
    assert len(shown) == len(ANALYSES)
    assert all(f"analyses/{path.name}" in text for path in ANALYSES)
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


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.stem)
def test_every_analysis_has_an_answer_on_the_demo(sample_run: Run, path: Path) -> None:
    template = jinja2.Template(path.read_text(encoding="utf-8"))
    query = template.render(ref=lambda name: f"marts.{name}", source=lambda schema, name: f"{schema}.{name}")
    assert sample_run.query(query)


def test_the_bounds_of_a_smaller_eps_hold_what_the_sweep_counts(sample_run: Run) -> None:
    bounds = sample_run.query(
        """
        SELECT type, s.eps, count(*) FILTER (WHERE distance <= s.eps), any_value(s.removed),
            count(*) FILTER (WHERE link_distance <= s.eps)
        FROM marts.duplicate_pairs INNER JOIN marts.eps_sweep AS s USING (type)
        WHERE reason = 'semantic' AND s.eps < 0.2 GROUP BY type, s.eps
        """
    )
    assert len(bounds) > 100
    for type_name, eps, at_least, swept, at_most in bounds:
        assert at_least <= swept <= at_most, (type_name, eps)


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
