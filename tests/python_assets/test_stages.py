from __future__ import annotations

import logging
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from python_assets.memory import peak_bytes
from python_assets.stages import stage


def test_a_stage_says_rows_seconds_and_memory_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), stage("sft: clusters") as current:
        current.rows_in, current.rows_out = 12, 9
    assert len(caplog.messages) == 1
    assert re.fullmatch(r"sft: clusters: 12 rows in, 9 rows out, \d+\.\d s, peak memory \d+ MiB", caplog.messages[0])


def test_a_stage_without_rows_says_only_time_and_memory(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), stage("dbt"):
        pass
    assert re.fullmatch(r"dbt: \d+\.\d s, peak memory \d+ MiB", caplog.messages[0])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of other processes")
def test_a_stage_says_what_a_process_took_that_it_watched(caplog: pytest.LogCaptureFixture) -> None:
    program = "content = bytes(range(256)) * 1_000_000; print(len(content), flush=True); input()"
    held = np.ones(100_000_000)
    with caplog.at_level(logging.INFO), stage("dbt") as current, _started(program) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "256000000\n"
        current.watch(process.pid)
        process.communicate("\n")
        current.watch(process.pid)
    found = re.fullmatch(r"dbt: .*, of the process it started (\d+) MiB", caplog.messages[0])
    assert found
    assert 244 < int(found[1]) < held.nbytes / 2**20


def _started(program: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_failed_stage_is_named_and_its_error_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match="of the block"), stage("cot: forest"):
        raise ValueError("of the block")
    assert re.fullmatch(r"cot: forest: failed after \d+\.\d s, peak memory \d+ MiB", caplog.messages[0])
    assert caplog.records[0].levelno == logging.ERROR


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process forget its peak")
def test_the_peak_is_that_of_the_stage_alone() -> None:
    with stage("large"):
        assert np.ones(60_000_000).sum() == 60_000_000
        large = peak_bytes(os.getpid()) or 0
    with stage("small"):
        small = peak_bytes(os.getpid()) or 0
    assert large - small > 400_000_000
