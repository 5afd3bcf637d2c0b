"""The real client of the Hub against a server on this machine."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
from pathlib import Path

import pytest
from huggingface_hub import hf_hub_download

from python_assets.errors import SourceError
from python_assets.sources.found import Found
from python_assets.sources.hub import HubSource
from python_assets.sources.local import LocalSource
from tests.hub_server import HubServer, Repo
from tests.python_assets.hub_cases import DATASET, FILES, REPO, WANTED, hub_source


def _content(found: Found | None) -> dict[str, bytes]:
    assert found is not None
    return {file.name: file.path.read_bytes() for file in found.files}


def test_only_the_files_that_match_come_and_the_commit_is_known(
    server: HubServer, source: HubSource, tmp_path: Path
) -> None:
    found = source.find(DATASET)
    assert _content(found) == WANTED
    assert [file.sha256 for file in found.files] == [hashlib.sha256(c).hexdigest() for c in WANTED.values()]
    assert found.commit == "a" * 40
    assert found.fetched_at is not None
    assert not server.asked("README.md")
    assert not server.asked("test-0")
    assert not list(tmp_path.rglob("*.part"))


def test_the_second_time_nothing_comes(server: HubServer, source: HubSource) -> None:
    first = source.find(DATASET)
    server.requests.clear()
    assert source.find(DATASET) == first
    assert not server.asked("/resolve/")


def test_a_local_directory_of_downloads_is_the_same(source: HubSource, tmp_path: Path) -> None:
    assert source.find(DATASET) == LocalSource(tmp_path).find(DATASET)


def test_a_directory_that_the_clients_own_tool_filled(server: HubServer, source: HubSource, tmp_path: Path) -> None:
    for name in WANTED:
        hf_hub_download(REPO, name, repo_type="dataset", endpoint=server.url, local_dir=tmp_path / REPO)
    found = LocalSource(tmp_path).find(DATASET)
    assert _content(found) == WANTED
    assert found is not None
    assert found.commit == "a" * 40
    server.requests.clear()
    assert _content(source.find(DATASET)) == WANTED
    assert not server.asked("/resolve/")
    (tmp_path / REPO / "data/train-0.jsonl").write_bytes(b"{}")
    os.utime(tmp_path / REPO / "data/train-0.jsonl", (2e9, 2e9))
    changed = LocalSource(tmp_path).find(DATASET)
    assert changed is not None
    assert changed.commit is None


def test_files_that_another_tool_left_are_checked_and_not_fetched(
    server: HubServer, source: HubSource, tmp_path: Path
) -> None:
    for name, content in WANTED.items():
        path = tmp_path / REPO / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / REPO / "data/train-0.jsonl").write_bytes(b'{"p": "z"}\n')
    assert _content(source.find(DATASET)) == WANTED
    assert not server.asked("train-1")


def test_a_newer_revision_replaces_what_changed(server: HubServer, source: HubSource) -> None:
    source.find(DATASET)
    server.requests.clear()
    server.repos[REPO] = Repo({**FILES, "data/train-0.jsonl": b'{"p": "new"}\n'}, commit="b" * 40)
    found = source.find(DATASET)
    assert found.commit == "b" * 40
    assert _content(found)["data/train-0.jsonl"] == b'{"p": "new"}\n'
    assert not server.asked("train-1")
    assert LocalSource(source.root).find(DATASET) == found


@pytest.mark.parametrize("part", ["HEAD /datasets", "GET /cdn", "GET /api"])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_that_passes_is_sat_out(server: HubServer, source: HubSource, part: str, status: int) -> None:
    server.misbehave(part, times=2, status=status, headers=(("Retry-After", "0"),))
    assert _content(source.find(DATASET)) == WANTED


def test_a_file_that_breaks_off_goes_on_where_it_was(
    server: HubServer, source: HubSource, caplog: pytest.LogCaptureFixture
) -> None:
    server.misbehave("GET /cdn", cut_at=300_000)
    server.misbehave("GET /cdn", cut_at=200_000)
    with caplog.at_level(logging.INFO, "python_assets"):
        assert _content(source.find(DATASET)) == WANTED
    starts = [int(request.range[6:-1]) for request in server.asked("GET /cdn") if request.range]
    assert 0 == starts[0] < starts[1] < starts[2]
    assert "data/train-1.jsonl broke off" in caplog.text
    assert re.search(rf"{REPO}: fetched (\d+kB) of \1, .*/s", caplog.text)


def _break_off(server: HubServer, source: HubSource) -> None:
    server.misbehave("GET /cdn", cut_at=500_000)
    server.misbehave("GET /cdn", times=9, status=500)
    with pytest.raises(SourceError, match="is in trouble"):
        source.find(DATASET)
    server.behave()
    server.requests.clear()


def test_a_run_that_was_broken_off_goes_on_where_it_was(server: HubServer, source: HubSource, tmp_path: Path) -> None:
    _break_off(server, source)
    assert _content(hub_source(server, tmp_path).find(DATASET)) == WANTED
    (request,) = server.asked("GET /cdn")
    assert int((request.range or "")[6:-1]) > 0


def test_a_part_with_other_bytes_does_not_stay(server: HubServer, source: HubSource, tmp_path: Path) -> None:
    _break_off(server, source)
    (part,) = tmp_path.rglob("*.part")
    part.write_bytes(b"\0" * part.stat().st_size)
    assert _content(source.find(DATASET)) == WANTED


def test_too_little_room_is_an_error_before_the_first_byte(server: HubServer, tmp_path: Path) -> None:
    needed = sum(map(len, WANTED.values()))
    with pytest.raises(SourceError, match=r"0\.00 GB are free in .*RAW_DIR; nothing is fetched"):
        hub_source(server, tmp_path, free=needed - 1).find(DATASET)
    assert not server.asked("/resolve/")
    assert _content(hub_source(server, tmp_path, free=needed).find(DATASET)) == WANTED
    assert _content(hub_source(server, tmp_path, free=0).find(DATASET)) == WANTED


def test_files_come_in_parallel(server: HubServer, source: HubSource) -> None:
    both = threading.Barrier(2)

    class Together(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            both.wait(timeout)
            return True

    server.misbehave("GET /datasets", held_by=Together())
    server.misbehave("GET /cdn", held_by=Together())
    assert _content(source.find(DATASET)) == WANTED


def test_xet_that_cannot_be_reached_is_not_in_the_way(
    server: HubServer, source: HubSource, caplog: pytest.LogCaptureFixture
) -> None:
    server.headers_sent = (
        ("X-Xet-Hash", "c" * 64),
        ("Link", f'<{server.url}/api/datasets/{REPO}/xet-read-token/{"a" * 40}>; rel="xet-auth"'),
    )
    assert _content(source.find(DATASET)) == WANTED
    assert "Xet does not work here" in caplog.text
