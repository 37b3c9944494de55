"""By which rule a language model is told to rate: what the reference is."""

from __future__ import annotations

import pytest

from pytest_ragft.judging.llm import rubrics
from pytest_ragft.judging.llm.rating import rating_question
from pytest_ragft.judging.llm.rubrics import KINDS, rubric_kind
from pytest_ragft.records import Case, QAExample, QuestionType


def example(
    *references: str, question: str = "Which one?", kind: QuestionType | None = None
) -> QAExample:
    return QAExample(id="a", question=question, references=references, type=kind)


@pytest.mark.parametrize(
    ("question", "references", "kind"),
    [
        ("How much does it weigh?", ["about 7.5 kg"], "number"),
        ("When was it built?", ["1874"], "date"),
        ("Where do I write?", ["help@example.org"], "identifier"),
        ("Does it thaw?", ["Yes, since it is warm."], "yesno"),
        ("Which film is it?", ["No Reservations"], "name"),
        ("Which metals are they?", ["- iron\n- zinc"], "list"),
        ("Why did trade move?",
         ["The harbour silted up, so that trade moved to the town on the other bank."],
         "statement"),
        ("Why did trade move?",
         ["The harbour silted up after the flood of that year. Trade moved to the other bank."],
         "statements"),
    ],
)  # fmt: skip
def test_the_kinds_are_those_of_the_reference_judge(question, references, kind):
    """And a statement is told from several: a model weighs each."""
    assert rubric_kind(example(*references, question=question)) == kind


def test_the_type_helps_where_the_form_does_not():
    assert rubric_kind(example("iron and zinc", kind="list")) == "list"
    assert rubric_kind(example("a dozen", kind="number")) == "number"
    assert rubric_kind(example("It does", kind="yesno")) == "yesno"
    assert rubric_kind(example("Silted up", kind="summary")) == "statement"


def test_what_the_question_offers_is_a_choice():
    of = example("The Tisza", question="Is the Tisza or the Drava longer?")
    assert rubric_kind(of) == "choice"
    assert rubric_kind(example("The Sava", question="Is the Tisza or the Drava longer?")) == "name"


def test_each_kind_has_a_rule_of_its_own_in_each_metric():
    for metric in ("accuracy", "completeness"):
        texts = {rubrics.rubric(metric, kind) for kind in KINDS}
        assert len(texts) >= (9 if metric == "accuracy" else 5)
        assert all("{" not in text for text in texts)


@pytest.mark.parametrize("metric", ["accuracy", "completeness"])
def test_the_model_is_told_the_rule_of_its_case(metric):
    case = Case(example=example("12 March 1931"), answer="In 1931.")
    asked = rating_question(metric, case)
    assert rubrics.rubric(metric, "date") in asked.system
    assert rubrics.rubric(metric, "list") not in asked.system


def test_deepevals_steps_hold_the_rule_too():
    steps = {kind: rubrics.geval_steps("accuracy", kind) for kind in KINDS}
    assert len(set(steps.values())) == len(steps)
    assert any("F1" in step for step in steps["list"])


def test_the_words_and_the_kinds_are_part_of_the_identity(monkeypatch):
    before = rubrics.identity()
    monkeypatch.setitem(rubrics._REQUIRED, "list", "other words")
    changed = rubrics.identity()
    assert changed != before
    monkeypatch.setattr("pytest_ragft.judging.llm.rubrics._KINDS_VERSION", "kinds/x")
    assert rubrics.identity() not in (before, changed)
