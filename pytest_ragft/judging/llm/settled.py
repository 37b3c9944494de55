"""What needs no model: unanswerable questions, empty answers, missing references."""

from __future__ import annotations

from pytest_ragft.judging.abstention import AbstentionRecogniser
from pytest_ragft.judging.llm.fence import clean
from pytest_ragft.judging.port import Scores
from pytest_ragft.judging.text import Reader
from pytest_ragft.records import Case, Score


class Rules:
    """Decides such cases for accuracy and completeness as the reference judge does.

    An unanswerable question asks whether the answer declines; that is a matter of form, on which
    all judges should agree. On answerable questions the model decides, by its rubric, whether an
    answer declines.
    """

    def __init__(self) -> None:
        self._abstention = AbstentionRecogniser(Reader())

    def abstains(self, case: Case) -> bool:
        """Whether the answer declines to answer."""
        return self._abstention.abstains(case.answer, case.example.question)

    def settle(self, case: Case) -> Scores | None:
        """Accuracy and completeness, or None where a model must judge."""
        example = case.example
        if not example.answerable:
            return self._unanswerable(case)
        if not example.references:
            return both(missing("", "no reference"))
        if is_empty(case.answer):
            return both(Score(metric="", value=0.0, reason="empty answer"))
        return None

    def _unanswerable(self, case: Case) -> Scores:
        abstained = self.abstains(case)
        reason = "abstained, rightly" if abstained else "answered an unanswerable question"
        if is_empty(case.answer):
            reason = "empty answer"
        return {
            "accuracy": Score(
                metric="accuracy",
                value=float(abstained),
                reason=reason,
                evidence={"abstained": abstained},
            ),
            "completeness": Score(
                metric="completeness",
                value=None,
                status="not_applicable",
                reason="unanswerable: there is nothing to be complete about",
            ),
        }


def is_empty(answer: str) -> bool:
    """Whether an answer holds no letter, digit or symbol that says something."""
    return not any(c.isalnum() or c in "+-%=<>≤≥" for c in clean(answer))


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
