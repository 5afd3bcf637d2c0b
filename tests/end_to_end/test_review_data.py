"""The review page of a run carries what its warehouse holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.conftest import Run
from tests.review_cases import read_blocks


@pytest.fixture(scope="module")
def sample_page(sample_run: Run) -> Callable[[str], dict[str, Any]]:
    """Read the page that the run on the sample wrote for a type."""
    return lambda type_name: read_blocks(
        sample_run.root / "outputs" / f"{type_name}_all" / "dedup_eps0.2" / "cluster_review.html"
    )


def _shortest_links(vectors: np.ndarray, widest: float) -> list[float]:
    """Return the distances at which the groups of the points grow together."""
    distances = np.sqrt(((vectors[:, None] - vectors[None]) ** 2).sum(axis=2))
    group = np.arange(len(vectors))
    links = []
    i, j = np.triu_indices(len(vectors), k=1)
    order = np.argsort(distances[i, j], kind="stable")
    for a, b in zip(i[order], j[order], strict=True):
        if distances[a, b] > widest:
            break
        if group[a] != group[b]:
            group[group == group[b]] = group[a]
            links.append(float(distances[a, b]))
    return links


@pytest.mark.parametrize("type_name", ["sft", "preference"])
def test_borderline_pairs_are_the_links_nearest_to_eps(
    sample_run: Run, sample_page: Callable[[str], dict[str, Any]], type_name: str
) -> None:
    pairs = sample_page(type_name)["head"]["pairs"]
    stored = sample_run.query(
        f"""
        SELECT s.source_prompt_id, e.embedding::DOUBLE[]
        FROM intermediate.int_{type_name}_survivors AS s
        INNER JOIN ml.{type_name}_embeddings AS e USING (text_key) WHERE s.is_comparable
        """
    )
    vectors = {source: np.array(embedding) for source, embedding in stored}
    links = _shortest_links(np.stack(list(vectors.values())), 0.35)
    inside = sorted((link for link in links if link <= 0.2), reverse=True)
    outside = [link for link in links if link > 0.2]
    assert (pairs["inside"]["n"], pairs["outside"]["n"]) == (len(inside), len(outside))
    assert inside
    assert outside
    assert [pair["distance"] for pair in pairs["inside"]["nearest"]] == pytest.approx(inside, abs=1e-6)
    assert [pair["distance"] for pair in pairs["outside"]["nearest"]] == pytest.approx(outside, abs=1e-6)
    for pair in [*pairs["inside"]["nearest"], *pairs["outside"]["nearest"]]:
        one, other = (vectors[pair[side]["source"]] for side in ("one", "other"))
        assert pair["distance"] == pytest.approx(np.linalg.norm(one - other), abs=1e-6)
        assert pair["is_one_cluster"] == (pair["distance"] <= 0.2)


@pytest.mark.parametrize("type_name", ["sft", "cot", "preference"])
def test_clusters_have_all_their_members_the_survivor_first(
    sample_run: Run, sample_page: Callable[[str], dict[str, Any]], type_name: str
) -> None:
    page = sample_page(type_name)
    found = [
        (cluster["rank"], *member)
        for cluster in page["head"]["clusters"]
        for member in zip(*page[f"cluster-{cluster['rank']}"].values(), strict=True)
    ]
    wanted = sample_run.query(
        f"""
        SELECT cluster_rank, all_prompt_id, source_prompt_id, dataset, is_kept, round(distance_to_survivor, 6),
            prompt, length(prompt)
        FROM marts.top_clusters WHERE type = '{type_name}'
        ORDER BY cluster_rank, all_prompt_id = min(all_prompt_id) OVER (PARTITION BY cluster_rank) DESC,
            distance_to_survivor DESC, all_prompt_id
        """
    )
    assert found == wanted
    assert len({rank for rank, *_ in found}) == len(page["head"]["clusters"])


def test_the_head_says_what_the_run_did(sample_run: Run, sample_page: Callable[[str], dict[str, Any]]) -> None:
    head = sample_page("sft")["head"]
    assert (head["eps"], head["radius"], head["min_samples"], head["metric"]) == (0.2, 0.2, 1, "euclidean")
    assert (head["model"], head["survivor_policy"]) == ("all-MiniLM-L6-v2", "lowest_id")
    gone = head["quarantined"] + head["exact_duplicates"] + head["semantic_duplicates"]
    assert head["raw_rows"] - gone == head["kept"] > 0
    at_eps = min(range(70), key=lambda place: abs(head["sweep"]["eps"][place] - 0.2))
    assert head["sweep"]["removed"][at_eps] == head["semantic_duplicates"]
