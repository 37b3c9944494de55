"""Answers that leave several things open."""

import pytest

from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case, QAExample

JUDGE = ReferenceJudge()

RIGHT, WRONG = (0.8, 1), (0, 0.2)

CASES = [
    (
        "What is the capital of Australia?",
        "Canberra",
        None,
        RIGHT,
        (
            "I think it's Canberra.",
            "Canberra (not Sydney).",
        ),
    ),
    (
        "What is the capital of Australia?",
        "Canberra",
        None,
        (0, 0.5),
        (
            "Sydney, Melbourne, Perth or Canberra.",
            "Canberra, or Sydney, or Melbourne, or Perth.",
        ),
    ),
    (
        "What is the capital of Australia?",
        "Canberra",
        None,
        (0, 0.6),
        (
            "It could be Canberra, Sydney, or Melbourne.",
            "Canberra / Sydney / Melbourne / Perth",
        ),
    ),
    (
        "What is the capital of Australia?",
        "Canberra",
        None,
        (0, 0.65),
        (
            "Either Sydney or Canberra.",
            "It may be Canberra; it may be Sydney; it may be Perth.",
        ),
    ),
    (
        "What is the capital of Australia?",
        "Canberra",
        None,
        (0.6, 1),
        ("Probably Canberra.",),
    ),
]
ANSWERS = [
    (question, reference, type, span, answer)
    for question, reference, type, span, answers in CASES
    for answer in answers
]


@pytest.mark.parametrize(("question", "reference", "type", "span", "answer"), ANSWERS)
def test_accuracy(question, reference, type, span, answer):
    target = QAExample(id="q", question=question, references=(reference,), type=type)
    score = JUDGE.judge([Case(example=target, answer=answer)])[0]["accuracy"]
    assert span[0] <= score.value <= span[1], score.reason
