"""By which rule a language model is told to rate: what the reference is."""

from __future__ import annotations

from typing import get_args

import pytest

from pytest_ragft.judging.llm import rubrics
from pytest_ragft.judging.llm.kinds import Kind, kind_of
from pytest_ragft.judging.llm.rating import rating_question
from pytest_ragft.records import Case, QAExample, QuestionType


def example(
    *references: str, question: str = "Which one?", kind: QuestionType | None = None
) -> QAExample:
    return QAExample(id="a", question=question, references=references, type=kind)


@pytest.mark.parametrize(
    ("references", "kind"),
    [
        (["42"], "number"), (["about 7.5 kg"], "number"), (["£18m"], "number"),
        (["61.8 %"], "number"), (["every 9 weeks"], "number"),
        (["Three"], "number"), (["Twenty-five years"], "number"), (["a dozen"], "number"),
        (["Seven Samurai"], "name"), (["$4,120.00"], "number"),
        (["It takes nine weeks in all, said the builders.", "9 weeks"], "number"),
        (["12 March 1931"], "date"), (["June 1874"], "date"), (["1874"], "date"),
        (["2031-05-06"], "date"),
        (["help@example.org"], "identifier"), (["4.11.2"], "identifier"),
        (["0761 203 4410"], "identifier"), (["RX-4410b"], "identifier"), (["9fe31c"], "identifier"),
        (["Yes"], "yesno"), (["No. Costs rose."], "yesno"), (["Yes, since it thaws"], "yesno"),
        (["No Reservations"], "name"), (["No. 7"], "name"), (["Boeing 747"], "name"),
        (["Ada Lovelace"], "name"),
        (["iron; zinc; copper"], "list"), (["- iron\n- zinc"], "list"),
        (["The harbour silted up, so that trade moved to the town on the other bank."],
         "statement"),
        (["The harbour silted up after the flood of that year. Trade moved to the other bank."],
         "statements"),
    ],
)  # fmt: skip
def test_the_form_of_a_reference_tells(references, kind):
    assert kind_of(example(*references)) == kind


def test_the_type_helps_where_the_form_does_not():
    assert kind_of(example("iron and zinc", kind="list")) == "list"
    assert kind_of(example("1500", kind="number")) == "number"
    assert kind_of(example("a dozen", kind="number")) == "number"
    assert kind_of(example("It does", kind="yesno")) == "yesno"
    assert kind_of(example("Silted up", kind="summary")) == "statement"


def test_what_the_question_offers_is_a_choice():
    of = example("The Tisza", question="Is the Tisza or the Drava longer?")
    assert kind_of(of) == "choice"
    assert kind_of(example("The Sava", question="Is the Tisza or the Drava longer?")) == "name"


def test_each_kind_has_a_rule_of_its_own_in_each_metric():
    for metric in ("accuracy", "completeness"):
        texts = {rubrics.rubric(metric, kind) for kind in get_args(Kind)}
        assert len(texts) >= (9 if metric == "accuracy" else 5)
        assert all("{" not in text for text in texts)


@pytest.mark.parametrize("metric", ["accuracy", "completeness"])
def test_the_model_is_told_the_rule_of_its_case(metric):
    case = Case(example=example("12 March 1931"), answer="In 1931.")
    asked = rating_question(metric, case)
    assert rubrics.rubric(metric, "date") in asked.system
    assert rubrics.rubric(metric, "list") not in asked.system


def test_deepevals_steps_hold_the_rule_too():
    steps = {kind: rubrics.geval_steps("accuracy", kind) for kind in get_args(Kind)}
    assert len(set(steps.values())) == len(steps)
    assert any("F1" in step for step in steps["list"])


def test_the_words_and_the_kinds_are_part_of_the_identity(monkeypatch):
    before = rubrics.identity()
    monkeypatch.setitem(rubrics._REQUIRED, "list", "other words")
    changed = rubrics.identity()
    assert changed != before
    monkeypatch.setattr("pytest_ragft.judging.llm.kinds.VERSION", "kinds/x")
    assert rubrics.identity() not in (before, changed)
