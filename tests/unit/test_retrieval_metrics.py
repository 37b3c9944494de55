"""Retrieval metrics on hand-computed cases, and their means."""

import math

import pytest

from pytest_ragft.records import Hit, QAExample
from pytest_ragft.retrieval.metrics import (
    mean_metrics,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
    relevant_retrieved,
)

GAIN_2_AND_4 = (1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3))


@pytest.mark.parametrize(
    ("ranking", "relevant", "k", "expected"),
    [
        ("abcd", "bd", 5, (1.0, 0.4, 0.5, GAIN_2_AND_4)),
        ("abcd", "bd", 2, (0.5, 0.5, 0.5, (1 / math.log2(3)) / (1 + 1 / math.log2(3)))),
        ("abcd", "bd", 1, (0.0, 0.0, 0.0, 0.0)),
        ("ab", "ab", 2, (1.0, 1.0, 1.0, 1.0)),
        ("ab", "abc", 2, (2 / 3, 1.0, 1.0, 1.0)),
        ("", "a", 3, (0.0, 0.0, 0.0, 0.0)),
        ("xyz", "a", 3, (0.0, 0.0, 0.0, 0.0)),
    ],
)
def test_by_hand(ranking, relevant, k, expected):
    found = tuple(m(ranking, relevant, k) for m in (recall, precision, reciprocal_rank, ndcg))
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("metric", [recall, precision, reciprocal_rank, ndcg])
@pytest.mark.parametrize(
    ("ranking", "relevant", "k"), [("ab", "", 3), ("ab", "a", 0), ("aa", "a", 2)]
)
def test_unusable_arguments(metric, ranking, relevant, k):
    with pytest.raises(ValueError):
        metric(ranking, relevant, k)


def example(name: str, *relevant: str) -> QAExample:
    return QAExample(id=name, question="?", references=("x",), relevant=relevant)


def hits(*names: str) -> tuple[Hit, ...]:
    return tuple(Hit(passage_id=n, score=1.0) for n in names)


def test_means_leave_out_unrated_questions_and_keep_missed_ones():
    examples = [example("1", "a"), example("2"), example("3", "b")]
    means = mean_metrics(examples, [hits("x", "a"), hits("y"), ()], 2)
    assert means == pytest.approx(
        {"recall@2": 0.5, "precision@2": 0.25, "mrr": 0.25, "ndcg@2": 0.5 / math.log2(3)}
    )


def test_means_without_any_rated_question():
    assert mean_metrics([example("1")], [hits("a")], 5) == {}


def test_means_of_unequal_lengths():
    with pytest.raises(ValueError):
        mean_metrics([example("1", "a")], [], 5)


def test_relevant_retrieved():
    assert relevant_retrieved(example("1", "a", "b"), hits("x", "b")) is True
    assert relevant_retrieved(example("1", "a", "b"), hits("x")) is False
    assert relevant_retrieved(example("1", "a"), ()) is False
    assert relevant_retrieved(example("1"), hits("a")) is None
