from __future__ import annotations

import numpy as np

from python_assets.exports.text_map import MEMBERS_SHOWN, map_layout, sample_for_map


def test_the_largest_clusters_are_on_the_map_and_others_fill_the_room() -> None:
    labels = np.concatenate([np.repeat(0, 100), np.repeat(1, 5), np.arange(2, 400)])
    sample = sample_for_map(labels, np.ones(len(labels), bool), 200)
    assert sample.clusters.tolist() == [0, 1]
    assert sample.sizes.tolist() == [100, 5]
    assert len(sample.places) == len(set(sample.places.tolist())) == 200
    assert (labels[sample.places][sample.rank == 0] == 0).sum() == MEMBERS_SHOWN
    assert (labels[sample.places][sample.rank == 1] == 1).sum() == 5


def test_texts_that_cannot_be_compared_and_noise_are_no_cluster_of_the_map() -> None:
    labels = np.array([0, 0, 1, 1, -1, -1])
    sample = sample_for_map(labels, np.array([True, True, False, False, True, True]), 10)
    assert sample.clusters.tolist() == [0]
    assert sample.places.tolist() == [0, 1, 4, 5]
    assert sample.rank.tolist() == [0, 0, -1, -1]


def test_a_map_of_nothing_is_empty_and_of_few_texts_has_a_place_for_each() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert len(sample_for_map(nothing, nothing.astype(bool), 10).places) == 0
    assert len(sample_for_map(np.array([0, 0, 1]), np.ones(3, bool), 0).places) == 0
    for n in (0, 1, 3, 5):
        assert map_layout(np.eye(8, dtype=np.float32)[:n]).shape == (n, 2)


def test_a_map_is_the_same_twice_and_keeps_near_texts_together() -> None:
    rng = np.random.default_rng(0)
    centres = np.repeat(rng.normal(size=(4, 16)), 15, axis=0)
    X = (centres + 0.05 * rng.normal(size=centres.shape)).astype(np.float32)
    points = map_layout(X)
    np.testing.assert_array_equal(points, map_layout(X))
    nearest = np.argsort(np.linalg.norm(points[:, None] - points[None], axis=2), axis=1)[:, 1]
    assert (nearest // 15 == np.arange(60) // 15).all()
