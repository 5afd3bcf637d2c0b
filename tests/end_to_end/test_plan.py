"""What `make plan` says of the finished sample run."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_defs import plan
from tests.conftest import REPO_DIR, SAMPLE_DIR, Run, environment

Plan = Callable[..., str]


@pytest.fixture
def planned(sample_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Plan:
    """Plan a run of sft with the settings of the sample run and others."""

    def say(*arguments: str, raw: str = str(SAMPLE_DIR), root: Path = sample_run.root, **settings: object) -> str:
        for name, value in (("RAW_DIR", raw), ("WAREHOUSE_DIR", str(root))):
            monkeypatch.setenv(name, value)
        asked = json.dumps({"precision": "float32", **settings})
        monkeypatch.setattr(sys, "argv", ["plan", "--type", "sft", "--settings", asked, *arguments])
        assert plan.main() == 0
        return capsys.readouterr().out

    return say


def _changes(text: str) -> dict[str, str]:
    """Return what the table of datasets says of each."""
    table = text.split("\n\n")[1].splitlines()[1:]
    return {words[1]: words[2] for line in table if len(words := re.split(r" {2,}", line)) > 2}


def _texts(text: str) -> list[str]:
    """Return texts, texts to embed, the forest and the files of sft."""
    lines = text.splitlines()
    heading = next(n for n, line in enumerate(lines) if re.match("type +texts", line))
    return re.split(r" {2,}", lines[heading + 1])[1:]


def _everything(root: Path) -> dict[str, tuple[int, str]]:
    return {
        str(path): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
        for path in root.rglob("*")
    }


def test_the_same_run_again_changes_nothing_and_neither_does_its_plan(sample_run: Run, planned: Plan) -> None:
    before = _everything(sample_run.root)
    text = planned()
    assert _everything(sample_run.root) == before
    assert _texts(text)[1:] == ["0", "kept", "the same bytes"]
    assert "nothing changes" in text
    assert "outputs/" not in text


def test_another_eps_makes_another_folder_from_the_same_vectors_and_forest(planned: Plan) -> None:
    text = planned("--eps", "0.1")
    assert _texts(text)[1:] == ["0", "kept", "new"]
    assert "outputs/sft_all/dedup_eps0.1 is new" in text
    assert "other rows" not in text
    assert _texts(planned("--eps", "0.4"))[1:] == ["0", "built anew", "new"]
    assert "the forest is built anew: min_samples 1 -> 2" in planned(min_samples=2)


def test_other_settings_of_what_stays_rewrite_the_files_only(planned: Plan) -> None:
    text = planned(survivor_policy="longest_answer")
    assert _texts(text)[1:] == ["0", "kept", "rewritten with other content"]
    assert "survivor_policy lowest_id -> longest_answer" in text


def test_benchmarks_are_planned_beside_the_datasets(planned: Plan, tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text('{"question": "Which river is the longest?"}\n', encoding="utf-8")
    text = planned(benchmarks=[str(items), "aime24"])
    assert "\nbenchmark items: here\n" in text
    assert f"\nbenchmark aime24: the run would fail: it is not in {SAMPLE_DIR}\n" in text


def test_other_vectors_are_all_to_be_made(sample_run: Run, planned: Plan) -> None:
    n_texts = sample_run.query("SELECT count(*) FROM intermediate.int_sft_texts")[0][0]
    text = planned(max_tokens=128)
    assert _texts(text) == [f"{n_texts:,}"] * 2 + ["built anew", "rewritten with other content"]


def test_the_dataset_whose_file_is_another_one_is_named(planned: Plan, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE_DIR / "GAIR/lima", tmp_path / "GAIR/lima")
    with (tmp_path / "GAIR/lima/train.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"conversations": ["Which river is the longest?", "The Nile."], "source": "made"}\n')
    text = planned(raw=f"{tmp_path}:{SAMPLE_DIR}")
    changes = _changes(text)
    assert {name for name, change in changes.items() if change == "changed"} == {"GAIR/lima/train"}
    assert set(changes.values()) == {"changed", "unchanged"}
    assert _texts(text)[2:] == ["updated", "rewritten with other content"]
    assert "dedup_eps0.2 is rewritten with other content: GAIR/lima/train (" in text
    assert "other content of train.jsonl" in text


def test_a_warehouse_that_does_not_exist_is_not_made(planned: Plan, tmp_path: Path) -> None:
    root = tmp_path / "warehouse"
    text = planned(root=root)
    assert "which does not exist yet" in text
    assert set(_changes(text).values()) == {"new"}
    assert _texts(text)[2:] == ["built anew", "new"]
    assert not root.exists()


def test_settings_that_cannot_work_end_as_they_do_in_a_run(tmp_path: Path) -> None:
    """In a process of its own, which needs neither the model nor dbt."""
    code = "import sys\nfrom dagster_defs import plan\ncode = plan.main()\n"
    code += "assert not {'torch', 'dbt', 'dagster_dbt'} & sys.modules.keys(), 'heavy'\nsys.exit(code)"
    finished = subprocess.run(
        [sys.executable, "-c", code, "--settings", '{"epsilon": 1}'],
        cwd=REPO_DIR,
        env=environment(SAMPLE_DIR, tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stderr.startswith("error: SETTINGS cannot be used, it may set ")


def test_a_folder_says_what_it_was_made_from_and_nothing_of_this_machine(sample_run: Run) -> None:
    path = sample_run.root / "outputs/sft_all/dedup_eps0.2/made_from.json"
    text = path.read_text(encoding="utf-8")
    assert str(sample_run.root) not in text
    assert str(REPO_DIR) not in text
    content = json.loads(text)
    counted = sample_run.query("SELECT dataset, raw_rows FROM marts.dedup_summary WHERE type = 'sft' AND raw_rows > 0")
    assert {dataset["dataset"]: dataset["n_rows"] for dataset in content["datasets"]} == dict(counted)
    for dataset in content["datasets"]:
        for file in dataset["files"]:
            assert (SAMPLE_DIR / dataset["repo"] / file["name"]).stat().st_size == file["bytes"]
    merged = sample_run.query("SELECT count(*) FROM intermediate.int_sft_merged")[0][0]
    assert content["merged_rows"]["n_rows"] == merged
    assert (content["settings"]["eps"], content["settings"]["text"]) == (0.2, "prompt")


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readmes_example_is_what_the_demo_gives(planned: Plan, name: str) -> None:
    text = (REPO_DIR / name).read_text(encoding="utf-8")
    command, shown = re.findall(
        r"```bash\nmake plan RAW_DIR=warehouse/sample (.*?)\n```\n\n```\n(.*?)```", text, re.DOTALL
    )[0]
    assert command == (
        """WAREHOUSE_DIR=warehouse/demo TYPE=prompt EPS=0.3 SETTINGS='{"precision": "float32", "exclude": ["fka/*"]}'"""
    )
    said = planned("--type", "prompt", "--eps", "0.3", exclude=["fka/*"]).splitlines()
    lines = [line for line in shown.splitlines() if line and line != "..."]
    assert len(lines) == 8
    assert [line for line in said if line in lines] == lines
