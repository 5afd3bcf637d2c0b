"""What the tests share: real runs of the real job on the bundled sample."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import settings

# `make test` looks at some examples of each property, `make test-slow` at many.
settings.register_profile("quick", max_examples=15, deadline=None)
settings.register_profile("thorough", max_examples=60, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

REPO_DIR = Path(__file__).resolve().parents[1]
SAMPLE_DIR = REPO_DIR / "warehouse" / "sample"
SAMPLE_ROWS_DIR = REPO_DIR / "tests" / "sample_rows"
ANSI_TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True)
class Run:
    """A finished run and the directory in which it worked."""

    root: Path
    code: int
    stdout: str
    stderr: str

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the run's warehouse."""
        with duckdb.connect(str(self.root / "warehouse.duckdb"), read_only=True) as connection:
            return connection.sql(sql).fetchall()

    def outputs(self) -> dict[str, bytes]:
        """Return the content of every output file by its relative path."""
        directory = self.root / "outputs"
        return {
            path.relative_to(directory).as_posix(): path.read_bytes()
            for path in sorted(directory.rglob("*"))
            if path.is_file()
        }


def environment(raw_dir: Path, root: Path) -> dict[str, str]:
    """Return the environment in which a run reads and writes the given directories."""
    return {**os.environ, "RAW_DIR": str(raw_dir), "WAREHOUSE_DIR": str(root)}


def run_job(raw_dir: Path, root: Path, *arguments: str) -> Run:
    """Run a job as `make run` does, by default in float32, which gives the same distances on every machine."""
    if "--settings" not in arguments:
        arguments = (*arguments, "--settings", '{"precision": "float32", "map_texts": 0}')
    finished = subprocess.run(
        [sys.executable, "-m", "dagster_defs.run", *arguments],
        cwd=REPO_DIR,
        env=environment(raw_dir, root),
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(root, finished.returncode, finished.stdout, finished.stderr)


def start_prompt_job(root: Path) -> subprocess.Popen[str]:
    """Start the job of the type prompt on the bundled sample and return when it has claimed the warehouse."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dagster_defs.run", "--type", "prompt", "--settings", '{"precision": "float32"}'],
        cwd=REPO_DIR,
        env=environment(SAMPLE_DIR, root),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while not process.stdout.readline().startswith("writes"):
        assert process.poll() is None
    return process


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All four types on the bundled sample: one run, of which each worker of the tests has a copy to itself."""
    root = tmp_path_factory.mktemp("sample")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return _run_sample(root)
    shared = tmp_path_factory.getbasetemp().parent
    with (shared / "sample_run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = shared / "sample_run.json"
        if not said.exists():
            run = _run_sample(shared / "sample_run")
            said.write_text(json.dumps([run.stdout, run.stderr]), encoding="utf-8")
    stdout, stderr = json.loads(said.read_text(encoding="utf-8"))
    shutil.copytree(shared / "sample_run", root, dirs_exist_ok=True)
    return Run(root, 0, stdout, stderr)


def _run_sample(root: Path) -> Run:
    run = run_job(SAMPLE_DIR, root, "--settings", '{"precision": "float32"}')
    assert run.code == 0, run.stderr
    return run


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    """What a reader of the sample rows expects."""
    return yaml.safe_load((SAMPLE_ROWS_DIR / "expected.yml").read_text(encoding="utf-8"))


def dbt_environment(root: Path, project_dir: Path = REPO_DIR / "dbt_project") -> dict[str, str]:
    """Return the environment in which dbt works on a warehouse directory."""
    return {
        **os.environ,
        "WAREHOUSE_DIR": str(root),
        "DBT_TARGET_PATH": str(root / "target"),
        "DBT_LOG_PATH": str(root / "logs"),
        "DBT_PROJECT_DIR": str(project_dir),
        "DBT_PROFILES_DIR": str(project_dir),
    }


@pytest.fixture
def dbt(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run dbt on an empty warehouse."""

    def invoke(*arguments: str, project_dir: Path = REPO_DIR / "dbt_project") -> Any:
        return subprocess.run(
            [str(Path(sys.executable).parent / "dbt"), *arguments],
            env=dbt_environment(tmp_path, project_dir),
            capture_output=True,
            text=True,
            check=False,
        )

    return invoke
