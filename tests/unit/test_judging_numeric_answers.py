"""Numbers, dates and identifiers through the judge: what is right and what stands in its place.

The tables beside this file hold questions (?), references (=), right (+) and wrong (-) answers.
"""

from pathlib import Path

import pytest

from pytest_ragft.judging.lexical.dates import date_share
from pytest_ragft.judging.lexical.identifiers import identifier_share
from pytest_ragft.judging.lexical.numeric_answers import number_share
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case, QAExample

JUDGE = ReferenceJudge()
HERE = Path(__file__).parent
MEGABYTES = 5_000_000


def table(name: str) -> list[tuple[QAExample, str, bool]]:
    rows = []
    for block in (HERE / f"judging_{name}.txt").read_text(encoding="utf-8").strip().split("\n\n"):
        marked = [(line[0], line[2:]) for line in block.splitlines()]
        example = QAExample(
            id="q",
            question=next(text for mark, text in marked if mark == "?"),
            references=tuple(text for mark, text in marked if mark == "="),
        )
        rows += [(example, text, mark == "+") for mark, text in marked if mark in "+-"]
    return rows


def accuracy(example: QAExample, answer: str) -> float:
    return JUDGE.judge([Case(example=example, answer=answer)])[0]["accuracy"].value


@pytest.mark.parametrize("name", ["numbers", "dates", "identifiers"])
def test_the_right_value_counts_and_another_in_its_place_does_not(name):
    rows = table(name)
    assert len(rows) > 70
    scored = [
        (example, answer, right, accuracy(example, answer)) for example, answer, right in rows
    ]
    missed = [
        (example.question, answer, value)
        for example, answer, right, value in scored
        if not (value >= 0.8 if right else value <= 0.2)
    ]
    assert missed == []


@pytest.mark.parametrize("repeated", ["7", "7,", "x", ".", "(", "7 x,y.(", "one ", "may 7 ", "a-"])
def test_an_endless_answer_states_no_value(repeated):
    answer = (repeated * MEGABYTES)[:MEGABYTES]
    assert number_share(["12"], "how many cells are there", answer) == 0
    assert not date_share(["12 may 1999"], "when was it", answer)
    assert identifier_share(["a1b2c3"], "which code is it", answer) == 0
