"""Retrieval metrics on hand-computed cases, and their means."""

import math

import pytest

from pytest_ragft.records import Hit, QAExample
from pytest_ragft.retrieval.metrics import (
    by_source,
    mean_metrics,
    metric_named,
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


SOURCES = {"a#1": "a", "a#2": "a", "a#3": "a", "b#1": "b", "b#2": "b", "c": "c"}
CHUNKS = ("a#2", "c", "a#1", "b#2", "b#1")


def test_a_line_counts_once_at_the_rank_of_its_best_passage():
    assert by_source(CHUNKS, SOURCES) == ["a", "c", "a#1", "b", "b#1"]
    asked = example("1", "a", "b")
    names = ("recall@1", "recall@3", "recall@4", "precision@5", "mrr", "ndcg@5")
    gain = 1 + 1 / math.log2(5)
    expected = [0.5, 0.5, 1.0, 0.4, 1.0, gain / (1 + 1 / math.log2(3))]
    found = [metric_named(name).value(asked, CHUNKS, SOURCES) for name in names]
    assert found == pytest.approx(expected)


def test_a_metric_depends_on_the_first_k_hits_alone():
    asked = example("1", "b")
    for name, k in (("recall@3", 3), ("ndcg@3", 3), ("precision@3", 3), ("mrr@3", 3)):
        metric = metric_named(name)
        assert metric.k == k
        assert metric.value(asked, CHUNKS, SOURCES) == metric.value(asked, CHUNKS[:k], SOURCES)


def test_means_and_retrieved_by_source():
    examples = [example("1", "b"), example("2", "a")]
    ranked = [hits(*CHUNKS), hits("c", "b#1")]
    assert mean_metrics(examples, ranked, 5)["recall@5"] == 0.0
    assert mean_metrics(examples, ranked, 5, SOURCES) == pytest.approx(
        {"recall@5": 0.5, "precision@5": 0.1, "mrr": 0.125, "ndcg@5": 0.5 / math.log2(5)}
    )
    assert relevant_retrieved(examples[0], ranked[0], SOURCES) is True
    assert relevant_retrieved(examples[1], ranked[1], SOURCES) is False


def test_an_id_without_a_source_is_its_own():
    assert by_source(["x", "a#1"], {"a#1": "a"}) == ["x", "a"]
    assert by_source(["x", "a#1"], None) == ["x", "a#1"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("recall@2", 1 / 2), ("precision@4", 1 / 4), ("mrr", 1 / 2), ("mrr@1", 0.0), ("ndcg@1", 0.0)],
)
def test_named(name, value):
    metric = metric_named(name)
    assert metric.name == name
    assert metric.value(example("1", "b", "z"), ["x", "b", "y"]) == pytest.approx(value)


def test_mrr_without_a_cut_off_looks_at_every_hit():
    ranking = [f"p{i}" for i in range(60)]
    assert metric_named("mrr").value(example("1", "p49"), ranking) == pytest.approx(1 / 50)
    assert metric_named("mrr").value(example("1", "p49"), []) == 0.0


@pytest.mark.parametrize(
    "name",
    ["", "recall", "recall@", "recall@0", "recall@05", "recall@-1", "recall@5 ", "Recall@5",
     "map@5", "recall@10001", "recall@99999999999", "ndcg", "accuracy", "mrr@x", "recall@５"],
)  # fmt: skip
def test_unknown_names(name):
    with pytest.raises(ValueError, match="accepted are recall@k, precision@k, ndcg@k") as caught:
        metric_named(name)
    assert repr(name) in str(caught.value)


def test_a_question_without_relevant_passages_has_no_value():
    with pytest.raises(ValueError, match="relevant passage"):
        metric_named("recall@5").value(example("1"), ["a"])
