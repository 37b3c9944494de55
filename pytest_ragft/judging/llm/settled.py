"""What needs no model: refusals, unanswerable questions, empty answers, missing references."""

from __future__ import annotations

from pytest_ragft.judging.abstention import AbstentionRecogniser, ruled
from pytest_ragft.judging.lexical.text import Reader
from pytest_ragft.judging.llm.fence import sanitised
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import Case, Score

_VERSION = "rules/3"
"""Changes whenever a rule may decide otherwise, those of `AbstentionRecogniser` included."""


class Rules:
    """Decides such cases for accuracy and completeness as the reference judge does.

    Whether an answer declines is a matter of form, on which all judges agree. Where it is not
    recognised on an answerable question, the model may still find so by its rubric.
    """

    def __init__(self) -> None:
        self._abstention = AbstentionRecogniser(Reader())

    @property
    def identity(self) -> str:
        """For fingerprints."""
        return _VERSION

    def abstains(self, case: Case) -> bool:
        """Whether the answer declines to answer."""
        return self._abstention.abstains(case.answer, case.example.question)

    def settle(self, case: Case) -> Scores | None:
        """Accuracy and completeness, or None where a model must judge."""
        if case.example.answerable and not case.example.references:
            return both(missing("", "no reference"))
        return ruled(case.example, case.answer)


def is_empty(answer: str) -> bool:
    """Whether an answer holds no letter, digit or symbol that says something."""
    return not any(c.isalnum() or c in "+-%=<>≤≥" for c in sanitised(answer))


def missing(metric: str, reason: str) -> Score:
    """A missing score."""
    return Score(metric=metric, value=None, status="missing", reason=reason)


def both(score: Score) -> Scores:
    """`score` for accuracy and for completeness."""
    return {metric: renamed(score, metric) for metric in ("accuracy", "completeness")}


def renamed(score: Score, metric: str) -> Score:
    """`score` under the name of another metric."""
    return Score(
        metric=metric,
        value=score.value,
        status=score.status,
        reason=score.reason,
        evidence=score.evidence,
    )
