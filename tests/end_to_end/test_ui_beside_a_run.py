"""Dagster's UI is open while a run works: it shows the run, and what it starts meanwhile is refused with a reason."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

from tests.conftest import REPO_DIR, SAMPLE_DIR, Run, environment, start_prompt_job

pytestmark = pytest.mark.slow

LAUNCH = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) { __typename ... on LaunchRunSuccess { run { runId } } }
}
"""
STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
FAILURES = """
query ($id: ID!) {
  logsForRun(runId: $id) {
    ... on EventConnection {
      events { ... on ExecutionStepFailureEvent { failureMetadata { description } } }
    }
  }
}
"""
ROWS = """
{ assetOrError(assetKey: {path: ["marts", "unified_prompt"]}) {
  ... on Asset { assetMaterializations(limit: 1) { metadataEntries { label ... on IntMetadataEntry { intValue } } } }
} }
"""
SELECTOR = {"repositoryLocationName": "dagster_defs.definitions", "repositoryName": "__repository__"}
WAIT_SECONDS = 240


class Ui:
    """A UI on this machine."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}/graphql"

    def ask(self, query: str, **variables: Any) -> Any:
        """Return the answer to a GraphQL query."""
        content = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(self._address, content, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)["data"]

    def answers(self) -> bool:
        """Tell whether it is there."""
        try:
            return bool(self.ask("{ version }"))
        except (URLError, ConnectionError):
            return False


@contextmanager
def open_ui(root: Path) -> Iterator[Ui]:
    """Run the UI as `make ui` does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "dagster_defs.ui"],
        cwd=REPO_DIR,
        env={**environment(SAMPLE_DIR, root), "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        ui = Ui(port)
        wait_for(ui.answers)
        yield ui
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(condition: Callable[[], bool]) -> None:
    """Ask until the answer is yes."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_run_goes_on_beside_the_ui_and_one_started_there_is_refused(sample_run: Run, tmp_path: Path) -> None:
    root = tmp_path / "warehouse"
    with open_ui(root) as ui:
        first = start_prompt_job(root)
        os.kill(first.pid, signal.SIGSTOP)  # so that it is at work for as long as the other one takes to start
        launched = ui.ask(LAUNCH, params={"selector": {**SELECTOR, "jobName": "prompt"}})["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess"
        run_id = launched["run"]["runId"]
        wait_for(lambda: ui.ask(STATUS, id=run_id)["runOrError"]["status"] in ("SUCCESS", "FAILURE"))
        events = ui.ask(FAILURES, id=run_id)["logsForRun"]["events"]
        causes = {event["failureMetadata"]["description"] for event in events if event.get("failureMetadata")}
        assert causes
        assert all(f"another run works on {root}: job prompt, process {first.pid}" in cause for cause in causes)
        os.kill(first.pid, signal.SIGCONT)
        said = first.communicate()
        assert first.returncode == 0, said[1]
        entries = ui.ask(ROWS)["assetOrError"]["assetMaterializations"][0]["metadataEntries"]
        shown = {entry["label"]: entry.get("intValue") for entry in entries}
    beside = Run(root, first.returncode, *said).outputs()
    assert shown["dagster/row_count"] == beside["prompt_all/dedup_eps0.2/all_files_dedup_eps0.2.jsonl"].count(b"\n")
    assert beside == {name: sample_run.outputs()[name] for name in beside}
