from __future__ import annotations

import logging
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from python_assets.progress import ProgressLog, log_to_files
from tests.conftest import REPO_DIR

WORK = """
import logging
from python_assets.progress import ProgressLog, log_to_terminal

log_to_terminal()
logger = logging.getLogger("python_assets.work")
progress = ProgressLog(logger, "sft: compared", "parts")
for done in (1, 2, 4):
    progress(done, 4)
logger.info("all is done")
"""


def _on_a_terminal() -> str:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    worker = subprocess.Popen([sys.executable, "-c", WORK], stderr=theirs, cwd=REPO_DIR)
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        written += part
    os.close(ours)
    assert worker.wait() == 0
    return written.decode()


def test_a_terminal_shows_a_bar_and_then_the_last_line() -> None:
    shown = _on_a_terminal()
    assert "25%" in shown
    assert "50%" in shown
    lines = [line.rsplit("\r", 1)[-1] for line in shown.replace("\r\n", "\n").split("\n")]
    assert ["compared 4 of 4 parts" in line for line in lines].count(True) == 1
    assert any(line.endswith("all is done") for line in lines)


def test_without_a_terminal_there_are_lines_only() -> None:
    done = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True, cwd=REPO_DIR, check=True)
    assert [line[9:].split(",")[0] for line in done.stderr.splitlines()] == [
        "sft: compared 4 of 4 parts",
        "all is done",
    ]


def test_a_file_has_a_line_every_five_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 5.5, 6.0, 12.0])
    monkeypatch.setattr("python_assets.progress.time.monotonic", lambda: next(clock))
    logger = logging.getLogger("python_assets.test_progress")
    with log_to_files(tmp_path, ["sft"]):
        progress = ProgressLog(logger, "sft: compared", "parts")
        for done in (1, 2, 3, 4):
            progress(done, 10)
    lines = (tmp_path / "sft.log").read_text(encoding="utf-8").splitlines()
    assert [line.split("compared ")[1].split(" parts")[0] for line in lines] == ["2 of 10", "4 of 10"]
