"""What needs no model: refusals, unanswerable questions, empty answers, missing references."""

from __future__ import annotations

from pytest_ragft.judging.abstention import AbstentionRecogniser
from pytest_ragft.judging.llm.fence import clean
from pytest_ragft.judging.llm.kinds import kind_of, says_yes_or_no
from pytest_ragft.judging.port import Scores
from pytest_ragft.judging.text import Reader
from pytest_ragft.records import Case, Score

_VERSION = "rules/2"
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
        example = case.example
        if not example.answerable:
            return self._unanswerable(case)
        if not example.references:
            return both(missing("", "no reference"))
        if is_empty(case.answer):
            return both(Score(metric="", value=0.0, reason="empty answer"))
        if self._refuses(case):
            reason = "abstained from an answerable question"
            return both(Score(metric="", value=0.0, reason=reason, evidence={"abstained": True}))
        return None

    def _refuses(self, case: Case) -> bool:
        # "No, the context does not say so" answers a yes/no question.
        if kind_of(case.example) == "yesno" and says_yes_or_no(case.answer):
            return False
        # That nobody knows may be what is right.
        if any(self._abstention.abstains(text) for text in case.example.references):
            return False
        return self.abstains(case)

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
