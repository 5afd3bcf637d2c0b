from __future__ import annotations

import logging
import re
import subprocess
import sys

import numpy as np
import pytest

from python_assets.stages import peak_bytes, stage


def test_a_stage_says_rows_seconds_and_memory_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), stage("sft: clusters") as current:
        current.rows_in, current.rows_out = 12, 9
    assert len(caplog.messages) == 1
    assert re.fullmatch(r"sft: clusters: 12 rows in, 9 rows out, \d+\.\d s, peak memory \d+ MiB", caplog.messages[0])


def test_a_stage_without_rows_says_only_time_and_memory(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), stage("dbt"):
        pass
    assert re.fullmatch(r"dbt: \d+\.\d s, peak memory \d+ MiB", caplog.messages[0])


def test_a_stage_that_starts_processes_says_what_the_largest_took(caplog: pytest.LogCaptureFixture) -> None:
    program = "sum(range(10**6)); content = bytes(range(256)) * 1_000_000"
    with caplog.at_level(logging.INFO), stage("dbt"):
        subprocess.run([sys.executable, "-c", program], check=True)
    found = re.fullmatch(r"dbt: .*, of the largest process it started (\d+) MiB", caplog.messages[0])
    assert found
    assert int(found[1]) > 244


def test_a_failed_stage_is_named_and_its_error_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match="of the block"), stage("cot: forest"):
        raise ValueError("of the block")
    assert re.fullmatch(r"cot: forest: failed after \d+\.\d s, peak memory \d+ MiB", caplog.messages[0])
    assert caplog.records[0].levelno == logging.ERROR


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process forget its peak")
def test_the_peak_is_that_of_the_stage_alone() -> None:
    with stage("large"):
        assert np.ones(60_000_000).sum() == 60_000_000
        large = peak_bytes()
    with stage("small"):
        small = peak_bytes()
    assert large - small > 400_000_000
