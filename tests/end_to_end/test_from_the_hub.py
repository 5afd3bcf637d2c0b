"""A whole job from the Hub: the same files as from a directory, and the token nowhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from python_assets.sources.registry import load_registry
from tests.conftest import SAMPLE_DIR, Run, run_job
from tests.hub_server import TOKEN, HubServer, running

pytestmark = pytest.mark.slow

TYPE = "prompt"


@pytest.fixture(scope="module")
def hub() -> Iterator[HubServer]:
    with running() as server:
        for dataset in load_registry():
            commit = dataset.revision if len(dataset.revision) == 40 else "d" * 40
            server.add_directory(SAMPLE_DIR, dataset.repo, commit)
            server.repos[dataset.repo].gated = True
        yield server


def _run(hub: HubServer, raw: Path, root: Path) -> Run:
    settings = {"HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, "HF_DEBUG": "1", "HF_HUB_DOWNLOAD_TIMEOUT": "1"}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in settings.items():
            environment.setenv(name, value)
        return run_job(raw, root, "--type", TYPE, "--source", "hub")


@pytest.fixture(scope="module")
def hub_run(hub: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on a Hub that is slow once, breaks off once, and repeats the token in its errors."""
    hub.misbehave("GET /cdn", held_by=threading.Event())
    hub.misbehave("GET /cdn", cut_at=100)
    hub.misbehave("GET /datasets", status=500)
    root = tmp_path_factory.mktemp("hub")
    return _run(hub, root / "raw", root / "warehouse")


def test_the_job_writes_what_it_writes_from_a_directory(hub_run: Run, tmp_path: Path) -> None:
    assert hub_run.code == 0, hub_run.stderr
    of_hub, of_directory = hub_run.outputs(), run_job(SAMPLE_DIR, tmp_path, "--type", TYPE).outputs()
    made_from = f"{TYPE}_all/dedup_eps0.2/made_from.json"
    known, less_known = (json.loads(outputs.pop(made_from)) for outputs in (of_hub, of_directory))
    assert of_hub == of_directory
    for dataset in known["datasets"]:
        assert dataset["commit"], dataset
        assert all(file["sha256"] for file in dataset["files"]), dataset
        dataset["commit"] = None
        for file in dataset["files"]:
            file["sha256"] = None
    assert known == less_known


def test_the_warehouse_knows_the_commits(hub_run: Run) -> None:
    commits = dict(hub_run.query("SELECT dataset, commit_hash FROM raw._loads WHERE status = 'loaded'"))
    pinned = {d.dataset: d.revision for d in load_registry() if TYPE in d.feeds and d.is_training}
    assert commits == {name: revision if revision != "main" else "d" * 40 for name, revision in pinned.items()}


def test_the_log_tells_of_the_downloads(hub_run: Run) -> None:
    log = (hub_run.root / "logs" / f"{TYPE}.log").read_text(encoding="utf-8")
    assert "fka/awesome-chatgpt-prompts: fetched " in log
    assert "broke off (ReadTimeout)" in log


def test_a_dataset_that_is_refused_fails_the_run_and_a_second_run_goes_on(hub: HubServer, hub_run: Run) -> None:
    root = hub_run.root.parent
    hub.misbehave("fka/awesome-chatgpt-prompts", times=99, status=403)
    again = _run(hub, root / "raw", root / "warehouse")
    hub.behave()
    assert again.code == 1
    assert "error: refused fka/awesome-chatgpt-prompts: access is denied (403)" in again.stderr
    assert again.stderr.count("not loaded again") == 4
    assert again.outputs() == hub_run.outputs()


def test_the_token_is_nowhere(hub: HubServer, hub_run: Run) -> None:
    assert any(request.token == f"Bearer {TOKEN}" for request in hub.requests)
    assert TOKEN not in hub_run.stdout + hub_run.stderr
    files = [path for path in hub_run.root.parent.rglob("*") if path.is_file()]
    assert len(files) > 20
    holding = [path for path in files if TOKEN.encode() in path.read_bytes()]
    assert not holding
