from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from python_assets.sources.hub import HubSource
from tests.hub_server import HubServer, Repo, running
from tests.python_assets.hub_cases import FILES, REPO, hub_source


@pytest.fixture
def server() -> Iterator[HubServer]:
    """A Hub on this machine with one dataset."""
    with running() as server:
        server.repos[REPO] = Repo(dict(FILES), commit="a" * 40)
        yield server


@pytest.fixture
def source(server: HubServer, tmp_path: Path) -> HubSource:
    """The server as a source that downloads into the test's directory."""
    return hub_source(server, tmp_path)
