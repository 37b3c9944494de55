"""Answers that leave several things open."""

from tests.judging_table import RIGHT, each_answer, expect_accuracy

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


@each_answer(CASES)
def test_accuracy(question, reference, type, span, answer):
    expect_accuracy(question, reference, type, span, answer)
