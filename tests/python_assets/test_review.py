"""The review page: nothing in a text can break out of it, and it stays as small as it has to be."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from python_assets.exports.review import write
from python_assets.exports.review.write import PageTooLargeError, write_review
from tests.review_cases import TYPE, open_warehouse, read_blocks

HOSTILE = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "</script><!-- --> \u2028 {{blocks}} {{script}}",
    "\u202ehacked\u202c \x00",
)


def _write(tmp_path: Path, clusters: Sequence[Sequence[str]], **warehouse: Any) -> Path:
    path = tmp_path / "cluster_review.html"
    write_review(open_warehouse(clusters, **warehouse), path, TYPE, 0.2)
    return path


def test_hostile_texts_stand_in_the_page_only_packed(tmp_path: Path) -> None:
    path = _write(tmp_path, [HOSTILE], pairs=[(HOSTILE[0], HOSTILE[1], 0.19)], datasets=HOSTILE[:2])
    blocks = read_blocks(path)
    assert blocks["cluster-1"]["texts"] == list(HOSTILE)
    content = path.read_text(encoding="utf-8")
    assert "hacked" not in content
    assert content.count("<script") == content.count("</script") == len(blocks) + 1


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(tmp_path: Path) -> None:
    content = _write(tmp_path, [("one", "two")]).read_text(encoding="utf-8")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', content)
    rules = dict(rule.split(maxsplit=1) for rule in policy.split("; "))
    assert rules.pop("default-src") == "'none'"
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (own,) = re.findall(rf"<{tag}>(.*?)</{tag}>", content, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert rules.pop(directive) == f"'sha256-{digest}'"
    assert set(rules.values()) <= {"'none'"}
    assert "http:" not in content.replace("http://www.w3.org/2000/svg", "")
    assert "https:" not in content


def test_long_texts_are_cut_and_their_lengths_kept(tmp_path: Path) -> None:
    long = "長" * 20_000
    blocks = read_blocks(_write(tmp_path, [(long, "short")], pairs=[(long, "short", 0.1)]))
    assert blocks["cluster-1"]["texts"] == [long[:2_000], "short"]
    assert blocks["cluster-1"]["chars"] == [20_000, 5]
    (pair,) = blocks["head"]["pairs"]["inside"]["nearest"]
    assert {pair[side]["chars"] for side in ("one", "other")} == {20_000, 5}
    assert {len(pair[side]["text"]) for side in ("one", "other")} == {8_000, 5}


def test_of_a_huge_cluster_the_farthest_members_are_shown(tmp_path: Path) -> None:
    blocks = read_blocks(_write(tmp_path, [[f"text {number}" for number in range(1_500)]]))
    (cluster,) = blocks["head"]["clusters"]
    assert cluster["size"] == 1_500
    assert blocks["cluster-1"]["ids"] == list(range(1_001))
    assert blocks["cluster-1"]["distances"][1:] == sorted(blocks["cluster-1"]["distances"][1:], reverse=True)


def test_a_page_that_would_be_too_large_has_shorter_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    texts = ["".join(map(chr, rng.integers(33, 127, 2_000))) for _ in range(200)]
    limit = 200_000
    monkeypatch.setattr(write, "MAX_PAGE_BYTES", limit)
    path = _write(tmp_path, [texts])
    assert path.stat().st_size <= limit
    block = read_blocks(path)["cluster-1"]
    assert len(block["ids"]) == 200
    assert set(block["chars"]) == {2_000}
    (length,) = {len(text) for text in block["texts"]}
    assert 100 < length < 2_000
    monkeypatch.setattr(write, "MAX_PAGE_BYTES", 50_000)
    with pytest.raises(PageTooLargeError):
        _write(tmp_path, [texts])
    assert path.stat().st_size > 50_000, "the earlier page stays"


def test_mutual_reachability_is_told_apart_from_the_pairs_own_distance(tmp_path: Path) -> None:
    connection = open_warehouse([], pairs=[("near", "far", 0.19)])
    connection.execute(
        """
        UPDATE marts.dedup_summary SET min_samples = 3;
        CREATE TABLE ml.sft_embeddings AS
        SELECT text_key, CASE text WHEN 'near' THEN [0.0, 0.0] ELSE [0.03, 0.04] END::FLOAT[] AS embedding
        FROM intermediate.int_sft_texts
        """
    )
    path = tmp_path / "page.html"
    write_review(connection, path, TYPE, 0.2)
    (pair,) = read_blocks(path)["head"]["pairs"]["inside"]["nearest"]
    assert (pair["distance"], pair["reachability"]) == (0.05, 0.19)


def test_a_type_without_a_text_has_a_page(tmp_path: Path) -> None:
    connection = open_warehouse([])
    connection.execute(
        """
        UPDATE marts.dedup_summary SET eps = NULL, min_samples = NULL, metric = NULL, model = NULL;
        DELETE FROM marts.eps_sweep; DELETE FROM marts.duplicate_pairs; DELETE FROM ml.sft_forest_points
        """
    )
    path = tmp_path / "page.html"
    write_review(connection, path, TYPE, 0.2)
    head = read_blocks(path)["head"]
    assert (head["eps"], head["radius"], head["clusters"]) == (0.2, None, [])
    assert head["pairs"] == {side: {"n": 0, "nearest": []} for side in ("inside", "outside")}
