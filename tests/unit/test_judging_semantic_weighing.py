"""Where meaning is asked, and where it is not: no model is loaded here."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pytest_ragft.judging.lexical.reading import AnswerReader
from pytest_ragft.judging.lexical.reference import ReferenceJudge, graded
from pytest_ragft.judging.lexical.statements import StatementMatch
from pytest_ragft.judging.port import Scores
from pytest_ragft.judging.semantic.models import Opinion, SemanticModels, StatementWeights
from pytest_ragft.judging.semantic.nearness import Nearness
from pytest_ragft.judging.semantic.weighing import MeaningWeighs
from pytest_ragft.records import Case, QAExample

ANSWERS = AnswerReader()
REFERENCE = ReferenceJudge()


@dataclass
class Says:
    """A scheme that says the same of every answer."""

    near: float = 0.0
    value: float = 0.0
    window: str = "medical doctor"
    weights = StatementWeights(
        {"intercept": -1.0, "recall": 0.0, "nearness": 2.0, "contradicted": 0.0}
    )

    def opinion(self, *_: object) -> Opinion:
        return Opinion(value=self.value, probability=self.value, log_odds=0.0, window=self.window)

    def nearness(self, *_: object) -> Nearness:
        return Nearness(recall=self.near, precision=self.near)

    def signals(self, *_: object) -> dict[str, float]:
        return {"recall": 0.0, "nearness": self.near, "contradicted": 0.0}


def never() -> SemanticModels:
    raise AssertionError("meaning was asked for, though rules tell")


def judged(example: QAExample, answer: str, says: Says | None = None) -> Scores:
    load = never if says is None else (lambda: says)
    weighing = MeaningWeighs(load, ANSWERS, REFERENCE.weighing)  # type: ignore[arg-type]
    return graded(Case(example=example, answer=answer), ANSWERS, weighing)


def asked(question: str, *references: str, **more: object) -> QAExample:
    return QAExample(id="q", question=question, references=references, **more)  # type: ignore[arg-type]


STAYS = [
    (asked("How long is the warranty?", "3 years"), "The warranty is 2 years."),
    (asked("How long is the warranty?", "3 years"), "It lasts three years."),
    (asked("When did the mill open?", "4 May 1881"), "It opened in May 1881."),
    (asked("Which number do I call?", "+44 20 7946 0018"), "Call 020 7946 0019."),
    (asked("Is it safe?", "yes"), "No, it is not."),
    (asked("Is the pass open in winter or in summer?", "in summer"), "In winter."),
    (asked("Which colours does the flag have?", "red, white and blue"), "Red, green and blue."),
    (asked("Who built it?", "Ada Lovelace"), "I do not know."),
    (asked("Who built it?", "Ada Lovelace"), "Ada Lovelace"),
    (asked("Who was the president?", "Franklin Roosevelt"), "Theodore Roosevelt"),
]


@pytest.mark.parametrize(("example", "answer"), STAYS, ids=[answer for _, answer in STAYS])
def test_what_rules_tell_is_the_reference_judges(example: QAExample, answer: str) -> None:
    (expected,) = REFERENCE.judge([Case(example=example, answer=answer)])
    assert judged(example, answer) == expected


DOCTOR = asked("What was his profession?", "physician")
WHY = asked(
    "Why did the mill close?", "The mill closed because cheap flour was imported from overseas."
)


def test_a_name_in_other_words_is_as_right_as_meaning_says() -> None:
    scores = judged(DOCTOR, "He was a medical doctor.", Says(value=0.9))
    assert scores["accuracy"].value == 0.9
    assert scores["completeness"].value == 0.9


def test_a_name_that_is_denied_is_not_talked_right_by_meaning() -> None:
    assert judged(DOCTOR, "He was not a physician.", Says(value=1.0))["accuracy"].value <= 0.2
    assert judged(DOCTOR, "He was never a physician.", Says(value=1.0))["accuracy"].value <= 0.2


def test_the_question_again_is_no_name() -> None:
    assert judged(DOCTOR, "The profession is his profession.")["accuracy"].value == 0


def test_a_word_of_the_question_is_not_right_by_what_stands_beside_it() -> None:
    padded = "Profession. Experts have confirmed that this is in order."
    scores = judged(DOCTOR, padded, Says(value=0.9, window="Profession"))
    assert scores["accuracy"].value == 0
    assert scores["completeness"].value == 0


@pytest.mark.parametrize("metric", ["accuracy", "completeness"])
def test_meaning_moves_a_statement_half_the_way_up_and_a_fifth_down(metric: str) -> None:
    answer = "Foreign grain was sold for less."
    (worded,) = REFERENCE.judge([Case(example=WHY, answer=answer)])
    before = worded[metric].value
    up = judged(WHY, answer, Says(near=1.0))[metric].value
    down = judged(WHY, answer, Says(near=0.0))[metric].value
    assert up == pytest.approx((before + 1) / 2, abs=1e-3)
    assert down == pytest.approx(0.8 * before, abs=1e-3)


def test_a_statement_that_is_denied_gains_nothing_by_meaning() -> None:
    denial = "It is false that the mill closed because cheap flour was imported from overseas."
    assert judged(WHY, denial, Says(near=1.0))["accuracy"].value == 0


def test_numbers_beside_a_statement_are_meanings_to_weigh() -> None:
    many = "Foreign grain was cheap: 11 shillings in 1871, 9 in 1875, 8 in 1879, 7 in 1883."
    example = asked("Why did the mill close?", "Foreign grain cost 7 shillings in 1883.")
    worded = REFERENCE.judge([Case(example=example, answer=many)])[0]["accuracy"]
    assert "other numbers" in worded.reason
    assert "other numbers" not in judged(example, many, Says(near=0.5))["accuracy"].reason


def test_what_is_negated_in_part_gains_less_by_meaning() -> None:
    weighing = MeaningWeighs(lambda: Says(near=1.0), ANSWERS, REFERENCE.weighing)  # type: ignore[arg-type, return-value]
    target = ANSWERS.target(WHY)
    read = ANSWERS.read(target, "Foreign grain was sold for less.")

    def right(contradicted: float) -> float:
        found = StatementMatch(
            shares=(0.0,), completeness=0.0, recall=0.0, precision=0.0, contradicted=contradicted
        )
        return weighing.right(target, read, WHY.references[0], found).value

    assert right(0.0) == pytest.approx(0.5)
    assert right(0.5) == pytest.approx(0.25)


FACTS = asked(
    "What does the lens do?",
    "It gathers the light into a beam, which ships can see from 20 miles.",
    facts=("It gathers the light into one narrow beam", "Ships see it from 20 miles away"),
    type="summary",
)


def test_facts_that_words_do_not_tell_are_weighed_and_numbers_are_needed() -> None:
    said = "The glow is bundled, so that sailors notice it."
    near = judged(FACTS, said, Says(near=1.0))["completeness"]
    assert near.evidence["covered"] == ["It gathers the light into one narrow beam"]
    assert judged(FACTS, said, Says(near=0.0))["completeness"].value == 0
