"""Mutated copies of the sample: each is loaded, quarantined or refused by name, and harms no other row."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import REPO_DIR
from tests.fuzz.models import save
from tests.fuzz.rounds import Rounds

# One dataset of each reader and of each way to read a chat.
FEW = (
    "awesome_chatgpt_prompts",
    "arena_human_preference_55k",
    "lima",
    "light_r1_sftdata",
    "webdev_arena_preference_10k",
    "llama_nemotron_post_training_dataset_chat",
    "am_deepseek_r1_distilled_1_4m_am_0_5m",
    "hh_rlhf_harmless_base",
    "helpsteer3_preference",
    "arena_human_preference_100k",
    "s1k_1_1",
    "skywork_reward_preference_80k_v0_2",
)
SEED = 20
N_PROCESSES = 2
N_ROUNDS = 16
SECONDS_A_ROUND = 60


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")


def test_some_mutants(views: dict[str, str], tmp_path: Path) -> None:
    rounds = Rounds(views, SEED, tmp_path / "report.jsonl", FEW)
    found = [outcome for number in range(2) for outcome in rounds.run(number)]
    assert len(found) == 2 * len(FEW)
    assert not [outcome for outcome in found if outcome.fault]
    assert {outcome.status for outcome in found} == {"loaded", "refused"}


@pytest.mark.slow
def test_a_thousand_mutants(models: dict[str, str], tmp_path: Path) -> None:
    save(models, tmp_path / "models.json")
    rounds_each = N_ROUNDS // N_PROCESSES
    processes = []
    for first in range(0, N_ROUNDS, rounds_each):
        arguments = [tmp_path / "models.json", SEED, first, first + rounds_each, tmp_path / f"{first}.jsonl"]
        command = [sys.executable, "-m", "tests.fuzz.rounds", *map(str, arguments)]
        processes.append((first, subprocess.Popen(command, cwd=REPO_DIR, stderr=subprocess.DEVNULL)))
    found = []
    for first, process in processes:
        report = tmp_path / f"{first}.jsonl"
        try:
            code = process.wait(rounds_each * SECONDS_A_ROUND)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        assert code == 0, f"it died or hung at {Path(f'{report}.now').read_text(encoding='utf-8')}"
        found += [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    faults = [
        f"round {outcome['round']}, {outcome['name']}: {outcome['fault']}" for outcome in found if outcome["fault"]
    ]
    reasons: Counter[str] = Counter()
    for outcome in found:
        reasons.update(outcome["reasons"])
    print(f"{len(found)} mutants: {Counter(outcome['status'] for outcome in found)}, rows: {reasons}")
    assert not faults, "\n".join(faults)
    assert len(found) >= 1_000
