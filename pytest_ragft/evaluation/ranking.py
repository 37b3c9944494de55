"""Rankings apart from answers: how deep they must be, and what retrieval gates score them with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_ragft.records import Hit, Passage, QAExample, Score
from pytest_ragft.retrieval.metrics import NamedMetric, metric_named
from pytest_ragft.suite import Suite

Hits = Mapping[str, tuple[Hit, ...]]
"""Hits by question id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rankings:
    """What an index gave for the questions of a suite, perhaps deeper than what is shown."""

    hits: Hits
    depth: int
    """Hits that were asked for; a ranking is shorter only where the index gave no more."""
    sources: Mapping[str, str]
    """`Passage.source` by passage id, where that is not the passage itself."""
    index: str | None
    """Identity of the index and the search; None where it is unknown."""


def depth_of(suite: Suite, metric: str) -> int:
    """Hits a question that a metric looks at; ``mrr`` looks at those that are shown."""
    return metric_named(metric).k or suite.retrieval.k


def deepest(suite: Suite, metrics: Iterable[str]) -> int:
    """Hits a question that are retrieved: those that are shown, or more for retrieval gates."""
    return max([suite.retrieval.k, *(depth_of(suite, metric) for metric in metrics)])


def sources_of(hits: Iterable[Hit], texts: Mapping[str, Passage]) -> dict[str, str]:
    """`Passage.source` of those hits whose passages were cut from longer corpus lines."""
    found = (texts.get(hit.passage_id) for hit in hits)
    return {p.id: p.source for p in found if p is not None and p.parent is not None}


def rank_scores(
    suite: Suite, examples: Sequence[QAExample], metrics: Sequence[str], rankings: Rankings
) -> dict[str, dict[str, Score]]:
    """What retrieval alone scores, by question id and metric.

    A question that names no relevant passage is not applicable. One without hits scores 0.
    """
    named = [(metric_named(metric), depth_of(suite, metric)) for metric in metrics]
    return {
        example.id: {metric.name: _score(example, metric, k, rankings) for metric, k in named}
        for example in examples
    }


def index_notes(*, then: str | None, today: str | None, moved: int, questions: int) -> list[str]:
    """What a report says about today's index beside a saved baseline's.

    Args:
        then: identity of the saved baseline's index; None where it was not kept.
        today: identity of today's; None where it is unknown, which the retriever itself notes.
        moved: questions that today would be shown other passages.
        questions: questions that were asked.
    """
    changed = None not in (then, today) and then != today
    start = "the index changed since the saved baseline: " if changed else ""
    if moved:
        return [
            f"{start}today's index gives other passages for {moved} of {questions} questions "
            "than the saved baseline's, over which all variants answered",
            "its retrieval metrics are those of the saved baseline's passages",
        ]
    return [f"{start}it gives the same passages for all {questions} questions"] if changed else []


def _score(example: QAExample, metric: NamedMetric, k: int, rankings: Rankings) -> Score:
    if not example.relevant:
        reason = "the question names no relevant passage"
        return Score(metric=metric.name, value=None, status="not_applicable", reason=reason)
    ids = [hit.passage_id for hit in rankings.hits[example.id][:k]]
    return Score(metric=metric.name, value=metric.value(example, ids, rankings.sources))
