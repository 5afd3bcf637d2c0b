"""What cannot be had from the Hub: each case says what to do next, and never what was secret."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from python_assets.errors import SourceError
from python_assets.sources.hub import HubSource
from python_assets.sources.loads import Missing, obtain
from python_assets.sources.selection import Selection
from tests.hub_server import TOKEN, HubServer, Repo
from tests.python_assets.hub_cases import DATASET, FILES, REPO, WANTED


@pytest.fixture(autouse=True)
def _no_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)


def _cause(source: HubSource, **changes: Any) -> str:
    with pytest.raises(SourceError) as caught:
        source.find(replace(DATASET, **changes))
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_a_gated_dataset_names_the_page_with_its_terms(
    server: HubServer, source: HubSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.repos[REPO].gated = True
    assert f"accept its terms once at {server.url}/datasets/{REPO}, then log in" in _cause(source)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    source.find(DATASET)
    assert {request.token for request in server.asked("HEAD /datasets")} == {None, f"Bearer {TOKEN}"}
    assert {request.token for request in server.asked("/cdn")} == {None}, "the token leaves the Hub"


def test_a_token_without_the_right_to_a_gated_dataset(
    server: HubServer, source: HubSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    server.misbehave("HEAD", times=2, status=403, headers=(("X-Error-Code", "GatedRepo"),))
    assert f"accept its terms once at {server.url}/datasets/{REPO}" in _cause(source)
    server.misbehave("HEAD", times=2, status=403)
    assert "a fine-grained token needs the permission to read gated repositories" in _cause(source)


def test_a_bad_token(server: HubServer, source: HubSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    cause = _cause(source)
    assert f"the token was refused (401): make another at {server.url}/settings/tokens" in cause
    assert "hf_wrong" not in cause


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"repo": "org/none"}, "there is no dataset org/none at .*correct `repo` in the registry"),
        ({"repo": "org/../x"}, "is no name of a dataset"),
        ({"revision": "v9"}, "there is no revision v9: look at .*/commits/main"),
        (
            {"files": ("train-*.jsonl",)},
            r"no file at revision main matches train-\*.jsonl; there are .*README.md",
        ),
    ],
)
def test_an_entry_of_the_registry_that_is_wrong(source: HubSource, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        source.find(replace(DATASET, **changes))


@pytest.mark.parametrize(
    ("part", "fault", "message"),
    [
        ("GET /api", {"status": 500}, "is in trouble (500): go on later, what has come stays"),
        ("HEAD /datasets", {"status": 503}, "is in trouble (503)"),
        ("GET /cdn", {"status": 429}, "limits the rate (429)"),
        ("GET /cdn", {"cut_at": 0}, "cannot be reached or breaks off"),
    ],
)
def test_trouble_that_stays_ends_within_a_bound(
    server: HubServer, source: HubSource, part: str, fault: dict[str, Any], message: str
) -> None:
    server.misbehave(part, times=99, **fault)
    assert message in _cause(source)
    assert len(server.asked(part)) in range(6, 13), (
        "six tries for the file that fails first, and at most six for the other"
    )


def test_a_server_that_asks_to_wait_for_long_is_not_waited_for(server: HubServer, source: HubSource) -> None:
    server.misbehave("GET /cdn", status=429, headers=(("Retry-After", "86400"),))
    assert "limits the rate (429)" in _cause(source)


def test_the_wait_that_is_asked_for_is_kept(
    server: HubServer, source: HubSource, caplog: pytest.LogCaptureFixture
) -> None:
    server.misbehave("GET /cdn", status=429, headers=(("Retry-After", "1"),))
    source.find(DATASET)
    assert "broke off (HfHubHTTPError), going on in 1 s" in caplog.text


def test_a_file_of_another_size_or_hash_is_refused(server: HubServer, source: HubSource, tmp_path: Path) -> None:
    server.repos[REPO].listed_sha256["data/train-1.jsonl"] = "e" * 64
    assert "what came is not what" in _cause(source)
    assert len(server.asked("GET /cdn")) == 2
    assert not (tmp_path / REPO / "data/train-1.jsonl").exists()
    server.repos[REPO] = Repo(dict(FILES), commit="b" * 40, listed_size={"data/train-1.jsonl": 10**7})
    assert f"data/train-1.jsonl: {server.url} sends fewer bytes than it lists" in _cause(source)
    server.repos[REPO] = Repo(dict(FILES), commit="c" * 40, listed_size={"data/train-0.jsonl": 12})
    assert f"{server.url} lists 12 bytes and sends 11" in _cause(source)
    server.repos[REPO] = Repo(dict(FILES), commit="d" * 40, listed_size={"data/train-1.jsonl": 10**5})
    assert "what came is not what" in _cause(source)
    server.repos[REPO] = Repo(dict(FILES), commit="f" * 40)
    assert len(source.find(DATASET).files) == len(WANTED)


def test_no_network(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
    cause = _cause(HubSource(tmp_path, endpoint=endpoint, pause_seconds=0.01))
    assert f"{endpoint} cannot be reached or breaks off (ConnectError): check the network" in cause
    assert "SOURCE=local" in cause


def test_an_endpoint_that_is_no_hub(server: HubServer, source: HubSource) -> None:
    server.misbehave("GET /api", status=200)
    assert "does not answer as a Hub does" in _cause(source)


@pytest.mark.parametrize("name", ["../train-1.jsonl", "/tmp/train-1.jsonl", "data/../../../train-1.jsonl", "a\\..\\b"])
def test_a_path_that_leaves_the_directory_is_refused(server: HubServer, source: HubSource, name: str) -> None:
    server.repos[REPO].files[name] = b"{}"
    assert "leads out of" in _cause(source, files=("**/*",))
    assert not server.asked("/resolve/")


def test_a_name_that_is_no_text_is_refused(server: HubServer, source: HubSource) -> None:
    server.repos[REPO].files["data/train-\ud800.jsonl"] = b"{}"
    assert "not valid UTF-8" in _cause(source)
    assert not server.asked("/resolve/")


def test_a_link_out_of_the_directory_is_not_written_through(
    server: HubServer, source: HubSource, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "raw" / REPO).mkdir(parents=True)
    (tmp_path / "raw" / REPO / "data").symlink_to(outside)
    source.root = tmp_path / "raw"
    assert "leads out of" in _cause(source)
    assert not list(outside.iterdir())


def test_one_dataset_that_cannot_be_had_stops_no_other(source: HubSource) -> None:
    missing = obtain(replace(DATASET, repo="org/none"), source, Selection())
    assert isinstance(missing, Missing)
    assert missing.status == "refused"
    assert not isinstance(obtain(DATASET, source, Selection()), Missing)
