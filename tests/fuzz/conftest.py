"""The models that the tests here build, compiled once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run, dbt_environment
from tests.fuzz.models import compiled_models, views_of


@pytest.fixture(scope="session")
def views(sample_run: Run) -> dict[str, str]:
    """The staging views as a finished run left them."""
    return views_of(sample_run.root / "warehouse.duckdb")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The SQL of every model."""
    root = tmp_path_factory.mktemp("compiled")
    subprocess.run(
        [Path(sys.executable).parent / "dbt", "compile", "--select", "staging", "intermediate"],
        env=dbt_environment(root),
        check=True,
        capture_output=True,
    )
    return compiled_models(root / "target")
