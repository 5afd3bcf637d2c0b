"""A plan says what a run would do, fetches nothing and changes nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_assets.clustering.saved import ForestSettings
from python_assets.embeddings.speed import Speed, read_speed, write_speed
from python_assets.embeddings.store import EmbeddingStore
from python_assets.plan.datasets import DatasetPlan
from python_assets.plan.plan import TypePlan, make_plan
from python_assets.plan.report import report
from python_assets.plan.request import Request
from python_assets.sources.found import Source
from python_assets.sources.loads import load_and_record, obtain
from python_assets.sources.local import LocalSource
from python_assets.sources.registry import Dataset
from python_assets.sources.selection import Selection
from python_assets.warehouse import connect, warehouse_path
from tests.hub_server import HubServer
from tests.python_assets.hub_cases import DATASET, LARGE, REPO, WANTED, hub_source


def _request(source: Source, root: Path, selection: Selection | None = None) -> Request:
    return Request(
        source=source,
        selection=selection or Selection(),
        root=root,
        downloads=root,
        store=EmbeddingStore(root / "embeddings", "toy"),
        dimension=8,
        forest=ForestSettings("toy", 0.35, 1),
        eps=0.2,
        settings={"text": "prompt", "exact_key": "prompt", "survivor_policy": "lowest_id", "source_priority": []},
        writes_embeddings=True,
    )


def _plan(request: Request, datasets: Sequence[Dataset] = (DATASET,)) -> TypePlan:
    (plan,) = make_plan(["sft"], datasets, request)
    return plan


def _of(request: Request, dataset: Dataset = DATASET) -> DatasetPlan:
    (plan,) = _plan(request, [dataset]).datasets
    return plan


def _load(source: Source, root: Path, dataset: Dataset = DATASET, max_rows: int | None = None) -> None:
    root.mkdir(exist_ok=True)
    with connect(warehouse_path(root)) as connection:
        load_and_record(connection, dataset, obtain(dataset, source, Selection()), max_rows=max_rows)


def _files(root: Path) -> dict[str, tuple[int, str]]:
    return {
        str(path.relative_to(root)): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in root.rglob("*")
        if path.is_file()
    }


def _write(raw: Path, content: bytes, name: str = "data/train-0.jsonl") -> Path:
    path = raw / REPO / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_plan_asks_the_hub_for_lists_only_and_makes_no_directory(server: HubServer, tmp_path: Path) -> None:
    plan = _of(_request(hub_source(server, tmp_path / "raw"), tmp_path / "warehouse"))
    assert (plan.change, plan.n_bytes_to_fetch) == ("new", sum(map(len, WANTED.values())))
    assert server.requests
    assert not server.asked("/resolve/")
    assert not server.asked("/cdn/")
    assert not list(tmp_path.iterdir())


def test_what_was_fetched_and_loaded_is_unchanged(server: HubServer, tmp_path: Path) -> None:
    source, root = hub_source(server, tmp_path / "raw"), tmp_path / "warehouse"
    _load(source, root)
    before = _files(tmp_path)
    plan = _of(_request(source, root))
    assert (plan.change, plan.n_rows, plan.is_about, plan.n_bytes_to_fetch) == ("unchanged", 50_001, False, 0)
    assert _files(tmp_path) == before


def test_raw_files_that_are_gone_are_fetched_again_and_the_table_stays(server: HubServer, tmp_path: Path) -> None:
    source, root = hub_source(server, tmp_path / "raw"), tmp_path / "warehouse"
    _load(source, root)
    (tmp_path / "raw" / REPO / "data/train-1.jsonl").unlink()
    assert _of(_request(source, root)).n_bytes_to_fetch == len(LARGE)
    _load(source, root)
    assert _of(_request(source, root)).change == "unchanged"


def test_another_revision_fetches_the_files_that_differ(server: HubServer, tmp_path: Path) -> None:
    source, root = hub_source(server, tmp_path / "raw"), tmp_path / "warehouse"
    _load(source, root)
    server.repos[REPO].files["data/train-0.jsonl"] = b'{"p": "another"}\n'
    server.repos[REPO].commit = "b" * 40
    before = _files(tmp_path)
    plan = _of(_request(source, root))
    assert (plan.change, plan.n_bytes_to_fetch) == ("changed", len(b'{"p": "another"}\n'))
    assert plan.why == "other content of data/train-0.jsonl (revision aaaaaaaaaaaa -> bbbbbbbbbbbb)"
    assert _files(tmp_path) == before


def test_a_dataset_that_cannot_be_had_says_so_and_the_others_go_on(server: HubServer, tmp_path: Path) -> None:
    gone = replace(DATASET, table="gone", dataset="org/gone", repo="org/gone", feeds={"sft": 2})
    plan = _plan(_request(hub_source(server, tmp_path / "raw"), tmp_path / "warehouse"), [gone, DATASET])
    assert [dataset.change for dataset in plan.datasets] == ["new", "refused"]
    assert "there is no dataset org/gone" in plan.datasets[1].why


@pytest.mark.parametrize(
    ("change", "selection", "expected"),
    [
        (lambda raw: None, Selection(), ("unchanged", "")),
        (lambda raw: None, Selection(max_rows=1), ("changed", "max_rows all -> 1")),
        (lambda raw: None, Selection(exclude=("org/*",)), ("to be emptied", "off, but its table has 2 rows")),
        (lambda raw: shutil.rmtree(raw / REPO), Selection(), ("to be emptied", "not found, but its table has 2 rows")),
        (lambda raw: _write(raw, b'{"p": "z"}\n', "data/train-2.jsonl"), Selection(),
         ("changed", "new file data/train-2.jsonl")),
        (lambda raw: _write(raw, b'{"p": "x"}\n'), Selection(), ("changed", "other content of data/train-0.jsonl")),
        (lambda raw: os.utime(raw / REPO / "data/train-0.jsonl", (1, 1)), Selection(),
         ("changed", "files written again, or read from another place")),
    ],
)  # fmt: skip
def test_what_a_run_makes_of_local_files(
    tmp_path: Path, change: Any, selection: Selection, expected: tuple[str, str]
) -> None:
    raw, root = tmp_path / "raw", tmp_path / "warehouse"
    _write(raw, b'{"p": "x"}\n{"p": "y"}\n')
    _load(LocalSource(raw), root)
    change(raw)
    plan = _of(_request(LocalSource(raw), root, selection))
    assert (plan.change, plan.why) == expected
    with connect(warehouse_path(root)) as connection:
        load = load_and_record(
            connection, DATASET, obtain(DATASET, LocalSource(raw), selection), max_rows=selection.max_rows
        )
    assert load.is_unchanged == (expected[0] == "unchanged")
    assert (load.n_rows == 0) == (expected[0] == "to be emptied")


@pytest.mark.parametrize("damage", ["empty", "no parquet", "another column"])
def test_a_file_that_a_load_would_refuse_is_refused_now(tmp_path: Path, damage: str) -> None:
    raw, root = tmp_path / "raw", tmp_path / "warehouse"
    dataset = replace(DATASET, format="parquet", files=("*.parquet",))
    good, path = pa.table({"p": ["x", "y", "z"]}), _write(raw, b"", "a.parquet")
    pq.write_table(good, path)
    plan = _of(_request(LocalSource(raw), root), dataset)
    assert (plan.change, plan.n_rows, plan.is_about) == ("new", 3, False)
    _load(LocalSource(raw), root, dataset)
    if damage == "another column":
        pq.write_table(good.rename_columns(["q"]), path)
    else:
        path.write_bytes(b"" if damage == "empty" else b"hello")
    request = _request(LocalSource(raw), root)
    whole = _plan(request, [dataset])
    (plan,) = whole.datasets
    assert (plan.change, plan.n_rows) == ("refused", 3)
    lines = list(report([whole], [], request))
    assert f"refused: org/some-set: {plan.why}" in lines
    assert any(line.endswith("its 3 rows stay") for line in lines)
    with connect(warehouse_path(root)) as connection:
        load = load_and_record(connection, dataset, obtain(dataset, LocalSource(raw), Selection()))
    assert load.status == "refused"
    assert f"org/some-set: {plan.why}" == load.error


def test_the_time_of_embedding_follows_from_the_last_one_and_is_unknown_before(tmp_path: Path) -> None:
    raw, root = tmp_path / "raw", tmp_path / "warehouse"
    dataset = replace(DATASET, format="parquet", files=("*.parquet",))
    path = _write(raw, b"", "a.parquet")
    pq.write_table(pa.table({"p": [str(row) for row in range(600)]}), path)
    request = _request(LocalSource(raw), root)
    plan = _plan(request, [dataset])
    assert (plan.texts.n_to_embed, plan.texts.is_about, plan.cost.embed_seconds) == (600, True, None)
    assert "is not known before its first run" in "\n".join(report([plan], [], request))
    request.store.directory.mkdir(parents=True)
    write_speed(request.store.directory, Speed(texts=300, characters=900, tokens=900, seconds=60.0))
    plan = _plan(request, [dataset])
    assert plan.cost.embed_seconds == 120
    assert "at 5 texts a second" in "\n".join(report([plan], [], request))


def test_a_disk_without_enough_room_is_a_warning(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = _request(hub_source(server, tmp_path / "raw"), tmp_path / "warehouse")
    plan = _plan(request)
    assert "warning" not in "\n".join(report([plan], [], request))
    usage = shutil.disk_usage(tmp_path)._replace(free=len(LARGE))
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage)
    last = list(report([plan], [], request))[-1]
    assert last.startswith(f"warning: {tmp_path} has ")


def test_a_name_of_a_file_gives_the_terminal_no_order(tmp_path: Path) -> None:
    raw, root = tmp_path / "raw", tmp_path / "warehouse"
    _write(raw, b'{"p": "x"}\n')
    _load(LocalSource(raw), root)
    _write(raw, b'{"p": "y"}\n', "data/train-\x1b[2J\n.jsonl")
    request = _request(LocalSource(raw), root)
    lines = list(report([_plan(request)], [], request))
    assert all(line.isprintable() for line in lines)
    assert any("new file data/train-\\x1b[2J\\n.jsonl" in line for line in lines)


def test_a_corrupt_shard_counts_as_absent_and_stays_where_it_is(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path, "toy")
    store.directory.mkdir()
    store.shard_path(0).write_bytes(b"hello")
    assert len(store.index(set_aside=False).keys) == 0
    assert [path.name for path in store.directory.iterdir()] == ["shard-000000.parquet"]


def test_the_speed_that_was_measured_for_longer_stays_unless_the_new_one_took_long_enough(tmp_path: Path) -> None:
    assert read_speed(tmp_path) is None
    short, long, enough = (Speed(texts=1, characters=1, tokens=1, seconds=seconds) for seconds in (1.0, 500.0, 60.0))
    for measured, remembered in ((short, short), (long, long), (short, long), (enough, enough)):
        write_speed(tmp_path, measured)
        assert read_speed(tmp_path) == remembered
