"""Fusion of rankings against hand-computed sums."""

import pytest

from pytest_ragft.records import Hit
from pytest_ragft.retrieval.fusion import fuse, reciprocal_ranks, weighted_scores


def hits(**scores: float) -> list[Hit]:
    return [Hit(passage_id=name, score=score) for name, score in scores.items()]


def plain(fused: tuple[Hit, ...]) -> dict[str, float]:
    return {hit.passage_id: hit.score for hit in fused}


def test_reciprocal_ranks_by_hand():
    fused = reciprocal_ranks([["a", "b", "c"], ["c", "d"]])
    expected = {"c": 1 / 63 + 1 / 61, "a": 1 / 61, "b": 1 / 62, "d": 1 / 62}
    assert plain(fused) == pytest.approx(expected, abs=1e-12)
    assert [hit.passage_id for hit in fused] == ["c", "a", "b", "d"]


def test_another_constant():
    assert plain(reciprocal_ranks([["a"], ["b", "a"]], k=0)) == {"a": 1.5, "b": 1.0}
    with pytest.raises(ValueError, match="k must be at least 0, got -1"):
        reciprocal_ranks([["a"]], k=-1)


def test_ties_go_by_the_first_ranking():
    assert [h.passage_id for h in reciprocal_ranks([["b", "a"], ["a", "b"]])] == ["b", "a"]
    assert [h.passage_id for h in reciprocal_ranks([["z"], ["a"]])] == ["z", "a"]
    assert [h.passage_id for h in reciprocal_ranks([[], ["z"], ["a"]])] == ["z", "a"]


def test_noise_of_summation_order_does_not_order():
    # 0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1 differ in their last bit.
    rankings = [hits(x=1, a=0.3, b=0.1, z=0), hits(x=1, a=0.2, b=0.2, z=0)]
    rankings.append(hits(x=1, b=0.3, a=0.1, z=0))
    fused = weighted_scores(rankings, [1.0, 1.0, 1.0])
    assert [hit.passage_id for hit in fused] == ["x", "a", "b", "z"]
    assert fused[1].score == fused[2].score


def test_weighted_scores_by_hand():
    fused = weighted_scores([hits(a=9.0, b=5.0, c=1.0), hits(c=0.8, b=0.2, d=-0.2)], [0.5, 0.5])
    expected = {"a": 0.5, "b": 0.25 + 0.2, "c": 0.5, "d": 0.0}
    assert plain(fused) == pytest.approx(expected, abs=1e-12)
    assert [hit.passage_id for hit in fused] == ["a", "c", "b", "d"]


def test_weights_count():
    rankings = [hits(a=2.0, b=1.0), hits(b=2.0, a=1.0)]
    assert plain(weighted_scores(rankings, [0.25, 0.75])) == {"b": 0.75, "a": 0.25}
    assert plain(weighted_scores(rankings, [1.0, 0.0])) == {"a": 1.0, "b": 0.0}


@pytest.mark.parametrize("score", [0.0, 3.5, -0.2])
def test_equal_scores_are_all_best(score):
    assert plain(weighted_scores([hits(a=score, b=score), []], [0.5, 0.5])) == {"a": 0.5, "b": 0.5}
    assert plain(weighted_scores([hits(a=score)], [1.0])) == {"a": 1.0}


def test_nothing_found():
    assert reciprocal_ranks([[], []]) == ()
    assert weighted_scores([[], []], [0.5, 0.5]) == ()
    assert fuse([[], []], "rrf") == fuse([[], []], "weighted") == ()


def test_fuse_by_name():
    rankings = [hits(a=3.0, b=1.0), hits(b=0.9)]
    assert fuse(rankings, "rrf") == reciprocal_ranks([["a", "b"], ["b"]])
    assert fuse(rankings, "weighted") == weighted_scores(rankings, [0.5, 0.5])


@pytest.mark.parametrize(
    ("rankings", "weights"),
    [
        ([hits(a=float("nan"))], [1.0]),
        ([hits(a=float("inf"), b=0.0)], [1.0]),
        ([hits(a=1.0)], [float("nan")]),
        ([hits(a=1.0)], [-1.0]),
        ([hits(a=1.0)], [0.5, 0.5]),
        ([[*hits(a=1.0), *hits(a=0.5)]], [1.0]),
    ],
)
def test_unusable(rankings, weights):
    with pytest.raises(ValueError):
        weighted_scores(rankings, weights)


def test_a_passage_twice_in_a_ranking():
    with pytest.raises(ValueError, match="twice"):
        reciprocal_ranks([["a", "b", "a"]])
