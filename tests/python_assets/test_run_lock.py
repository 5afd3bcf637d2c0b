from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from python_assets.errors import RunBusyError
from python_assets.run_lock import claim_warehouse

HOLDER = """
import sys
from pathlib import Path
from python_assets.run_lock import claim_warehouse
claim_warehouse(Path(sys.argv[1]), "sft")
print("claimed", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "claimed\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_run_is_refused_with_the_job_and_process_of_the_first(holder, tmp_path: Path) -> None:
    with pytest.raises(RunBusyError, match=rf"job sft, process {holder.pid}, since \d{{4}}-"):
        claim_warehouse(tmp_path, "cot")


def test_a_killed_run_leaves_nothing_to_clean_up(holder, tmp_path: Path) -> None:
    holder.kill()
    holder.wait()
    claim_warehouse(tmp_path, "cot")
    claim_warehouse(tmp_path, "cot")


def test_two_warehouses_are_two_claims(holder, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    claim_warehouse(tmp_path / "other", "sft")
