"""Who waits and who is refused when two use one warehouse."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPO_DIR, SAMPLE_DIR, Run, environment, run_job, start_prompt_job

pytestmark = pytest.mark.slow


def _ask(root: Path) -> subprocess.CompletedProcess[str]:
    """Ask the read-only shell a question, as `make sql` does."""
    return subprocess.run(
        [sys.executable, "-m", "python_assets.sql_shell", "-csv", "-c", "SELECT count(*) FROM raw._loads"],
        cwd=REPO_DIR,
        env=environment(SAMPLE_DIR, root),
        capture_output=True,
        text=True,
        check=False,
    )


def test_beside_a_run_a_second_one_is_refused_and_a_reader_has_its_turn(sample_run: Run, tmp_path: Path) -> None:
    first = start_prompt_job(tmp_path)
    assert first.stderr is not None
    second = run_job(SAMPLE_DIR, tmp_path, "--type", "sft")
    assert second.code == 1
    assert f"another run works on {tmp_path}: job prompt, process {first.pid}, since" in second.stderr

    for line in first.stderr:
        if "loaded fka/awesome-chatgpt-prompts" in line:
            break
    answered = _ask(tmp_path)
    assert answered.returncode == 0, answered.stderr

    rest = first.communicate()
    assert first.returncode == 0, rest[1]
    beside = Run(tmp_path, first.returncode, *rest).outputs()
    assert len(beside) > 10
    assert beside == {name: sample_run.outputs()[name] for name in beside}
