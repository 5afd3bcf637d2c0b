"""A small dataset on the server, for the tests of the Hub."""

from __future__ import annotations

from pathlib import Path

from python_assets.sources.hub import HubSource
from python_assets.sources.registry import Dataset
from tests.hub_server import HubServer

REPO = "org/some-set"
LARGE = b"".join(b'{"p": "row %d"}\n' % row for row in range(50_000))
FILES = {
    "README.md": b"# Some set\n",
    "data/train-0.jsonl": b'{"p": "x"}\n',
    "data/train-1.jsonl": LARGE,
    "data/test-0.jsonl": b'{"p": "y"}\n',
    ".cache/data/train-9.jsonl": b"{}\n",
}
WANTED = {name: FILES[name] for name in ("data/train-0.jsonl", "data/train-1.jsonl")}
DATASET = Dataset(
    table="some_set",
    dataset=REPO,
    repo=REPO,
    revision="main",
    config="default",
    split="train",
    format="jsonl",
    files=("data/train-*.jsonl", "**/train-9.jsonl"),
    licence="MIT",
    gated=False,
    feeds={"sft": 1},
    columns={"p": "VARCHAR"},
    description="",
)


def hub_source(server: HubServer, root: Path, free: int = 1 << 40) -> HubSource:
    """Return a source that asks the server and does not wait long."""
    return HubSource(root, endpoint=server.url, pause_seconds=0.01, free_bytes=lambda path: free)
