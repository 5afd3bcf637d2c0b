"""A finished warehouse to which something happens ends as one that is made at once from all that is there."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from python_assets.sources.registry import load_registry
from tests.conftest import SAMPLE_DIR, Run, run_job
from tests.crash.compare import Snapshot, snapshot

pytestmark = pytest.mark.slow

FIRST, ADDED = ("GAIR/lima", "HuggingFaceH4/no_robots", "KodCode/KodCode-V1"), "allenai/tulu-3-sft-olmo-2-mixture-0225"
# Kept on purpose, as they save time: vectors of texts that are gone, and the view on all of them.
KEPT_FILES, KEPT_TABLES = ("embeddings/", "arrangements/"), ("ml.embeddings",)


def _settings(**changed: object) -> str:
    return json.dumps({"precision": "float32", "map_texts": 0, **changed})


def _run(raw_dir: Path, root: Path, **changed: object) -> Run:
    run = run_job(raw_dir, root, "--type", "sft", "--settings", _settings(**changed))
    assert run.code == 0, run.stderr
    return run


def _left(run: Run, besides: str = "nothing") -> Snapshot:
    """Return what a run leaves, without what it keeps on purpose."""
    found = snapshot(run.root)
    return Snapshot(
        {name: content for name, content in found.tables.items() if name not in KEPT_TABLES},
        {
            path: content
            for path, content in found.files.items()
            if not path.startswith(KEPT_FILES) and f"/{besides}/" not in path
        },
        found.unfinished,
    )


def _names(run: Run, status: str) -> list[str]:
    return re.findall(rf"\b{status} ([^\s:]+): \d+ rows", run.stderr)


def _embedded(run: Run) -> int:
    return int(re.findall(r"sft: \d+ texts, (\d+) embedded now", run.stderr)[0])


def _texts(run: Run) -> set[str]:
    return {key for (key,) in run.query("SELECT text_key FROM intermediate.int_sft_texts")}


@pytest.fixture(scope="module")
def raw_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("raw")
    for repo in FIRST:
        shutil.copytree(SAMPLE_DIR / repo, directory / repo)
    return directory


@pytest.fixture(scope="module")
def first(raw_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished warehouse over three datasets."""
    return _run(raw_dir, tmp_path_factory.mktemp("first"))


@pytest.fixture
def grown_root(first: Run, tmp_path: Path) -> Path:
    """A copy of the finished warehouse."""
    return Path(shutil.copytree(first.root, tmp_path / "grown"))


def test_a_dataset_comes_and_goes(raw_dir: Path, first: Run, grown_root: Path, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE_DIR / ADDED, raw_dir / ADDED)
    grown = _run(raw_dir, grown_root)
    fresh = _run(raw_dir, tmp_path / "fresh")
    assert _left(grown).differences(_left(fresh)) == []
    assert _names(grown, "loaded") == [ADDED]
    assert len(_names(grown, "unchanged")) == len(FIRST)
    assert _embedded(grown) == len(_texts(fresh) - _texts(first)) > 0

    shutil.rmtree(raw_dir / ADDED)
    shrunk = _run(raw_dir, grown_root)
    assert _left(shrunk).differences(_left(first)) == []
    assert _names(shrunk, "loaded") == []
    assert _embedded(shrunk) == 0


@pytest.fixture
def newer_lima(raw_dir: Path, first: Run, tmp_path: Path) -> Iterator[str]:
    """GAIR/lima without five of its rows and with one more, until the test ends; the text of that row."""
    path = raw_dir / "GAIR" / "lima" / "train.jsonl"
    before = shutil.copy2(path, tmp_path / "before.jsonl")
    rows = path.read_bytes().splitlines(keepends=True)
    prompt = "Which of the two bridges over the old canal is the longer one?"
    new = {**json.loads(rows[1]), "conversations": [prompt, "The northern one, by four metres."]}
    path.write_bytes(b"".join([*rows[2:9], *rows[12:], json.dumps(new).encode() + b"\n"]))
    yield prompt
    shutil.copy2(before, path)


def test_a_newer_revision_has_other_rows(
    raw_dir: Path, first: Run, newer_lima: str, grown_root: Path, tmp_path: Path
) -> None:
    grown = _run(raw_dir, grown_root)
    fresh = _run(raw_dir, tmp_path / "fresh")
    assert _left(grown).differences(_left(fresh)) == []
    assert _names(grown, "loaded") == ["GAIR/lima/train"]
    assert _embedded(grown) == 1
    assert (newer_lima,) in grown.query("SELECT prompt FROM intermediate.int_sft_merged")
    assert _texts(first) - _texts(grown)


@pytest.mark.parametrize(
    ("changed", "may_embed"),
    [({"eps": 0.1, "exact_key": "prompt_solution"}, False), ({"text": "prompt_solution"}, True)],
    ids=["eps and exact_key", "text"],
)
def test_other_settings(
    raw_dir: Path, first: Run, grown_root: Path, tmp_path: Path, changed: dict[str, object], may_embed: bool
) -> None:
    grown = _run(raw_dir, grown_root, **changed)
    fresh = _run(raw_dir, tmp_path / "fresh", **changed)
    # the files of another eps stay beside those of this one
    besides = "dedup_eps0.2" if "eps" in changed else "nothing"
    assert _left(grown, besides).differences(_left(fresh, besides)) == []
    assert _names(grown, "loaded") == []
    assert _embedded(grown) == len(_texts(fresh) - _texts(first))
    assert bool(_embedded(grown)) == may_embed
    if "text" in changed:
        assert _merged_and_distinct(grown)[0] == _merged_and_distinct(grown)[1] > _merged_and_distinct(first)[0]


def _merged_and_distinct(run: Run) -> tuple[int, int]:
    """Return the merged rows, and how many distinct prompts with their answers they have."""
    staged = " UNION ALL ".join(
        f"SELECT '{entry.dataset}' AS dataset, _row, prompt, answer FROM staging.stg_sft__{entry.table}"
        for entry in load_registry()
        if "sft" in entry.feeds
    )
    return run.query(
        f"""
        SELECT count(*), count(DISTINCT (s.prompt, s.answer))
        FROM intermediate.int_sft_merged JOIN ({staged}) AS s USING (dataset, _row)
        """
    )[0]
