"""Tables of answers with the range that the reference judge's accuracy must be in."""

from collections.abc import Iterable, Sequence

import pytest

from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case, QAExample, QuestionType

RIGHT, WRONG = (0.8, 1), (0, 0.2)
JUDGE = ReferenceJudge()

Row = tuple[str, str, QuestionType | None, tuple[float, float], Sequence[str]]
"""Question, reference, type, range, and the answers that must score in it."""


def each_answer(cases: Iterable[Row]) -> pytest.MarkDecorator:
    """Parametrises a test by each answer of a table."""
    rows = [
        (question, reference, type, span, answer)
        for question, reference, type, span, answers in cases
        for answer in answers
    ]
    return pytest.mark.parametrize(("question", "reference", "type", "span", "answer"), rows)


def expect_accuracy(
    question: str,
    reference: str,
    type: QuestionType | None,
    span: tuple[float, float],
    answer: str,
) -> None:
    """The reference judge's accuracy lies in `span`, ends included."""
    target = QAExample(id="q", question=question, references=(reference,), type=type)
    score = JUDGE.judge([Case(example=target, answer=answer)])[0]["accuracy"]
    assert span[0] <= score.value <= span[1], score.reason
