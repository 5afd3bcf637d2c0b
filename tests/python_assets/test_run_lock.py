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


def test_what_a_killed_run_left_unfinished_is_removed_and_nothing_else(holder, tmp_path: Path) -> None:
    unfinished = [
        tmp_path / "outputs" / "sft_all" / "dedup_eps0.2" / ".all_files_dedup_eps0.2.jsonl.part",
        tmp_path / "arrangements" / "sft" / ".head.npz.part",
        tmp_path / "warehouse.duckdb.tmp" / "duckdb_temp_storage_DEFAULT-0.tmp",
        tmp_path / "dbt" / "target" / "dbt_models-1234567-abc1234" / "manifest.json",
    ]
    finished = [
        tmp_path / "outputs" / "sft_all" / "dedup_eps0.2" / "all_files_dedup_eps0.2.jsonl",
        tmp_path / "dbt" / "target" / "manifest.json",
        tmp_path / "warehouse.duckdb",
    ]
    for path in (*unfinished, *finished):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    with pytest.raises(RunBusyError):
        claim_warehouse(tmp_path, "cot")
    assert all(path.exists() for path in unfinished)
    holder.kill()
    holder.wait()
    claim_warehouse(tmp_path, "cot")
    assert not any(path.exists() for path in unfinished)
    assert all(path.exists() for path in finished)
