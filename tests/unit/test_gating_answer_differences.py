"""What may sway a judge, measured over a run's answers, and how reports name it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.gating.answer_differences import answer_styles, disagreements
from pytest_ragft.records import Answer, AnswerStyle, Score
from pytest_ragft.reporting.notes import notes
from tests.evaluation_parts import make_suite
from tests.unit.test_reporting_examples import PASSING, run


def a_run(text: Callable[[str, int], str], questions: int = 40) -> tuple[Any, Evaluation]:
    """As much of a run as is read: answers of `text(variant, number)`."""
    suite = make_suite(questions=questions)
    evaluation = Evaluation()
    for name in ("baseline", "ft"):
        evaluation.answers[name, "demo"] = {
            e.id: Answer(text=text(name, i), finish="stop") for i, e in enumerate(suite.examples)
        }
    plan = SimpleNamespace(
        suites={"demo": suite},
        variants=[SimpleNamespace(name="ft")],
        settings=SimpleNamespace(gated=True),
    )
    return plan, evaluation


def style_of(text: Callable[[str, int], str]) -> AnswerStyle:
    (style,) = answer_styles(*a_run(text))
    return style


def test_longer_answers_are_notable() -> None:
    style = style_of(lambda name, i: "word " * (i % 5 + (12 if name == "ft" else 8)))
    assert (style.baseline_words, style.variant_words, style.n) == (10, 14, 40)
    assert style.lower == pytest.approx(4)
    assert style.notable


@pytest.mark.parametrize("extra", [0, 1])
def test_nearly_equal_lengths_are_not(extra: int) -> None:
    style = style_of(lambda name, i: "word " * (20 + extra * (name == "ft")))
    assert not style.notable


def test_a_difference_that_may_be_chance_is_not() -> None:
    style = style_of(lambda name, i: "word " * (300 if (name, i) == ("ft", 0) else 10))
    assert style.variant_words > 1.15 * style.baseline_words
    assert style.lower < 0 < style.upper
    assert not style.notable


@pytest.mark.parametrize("mark", ["- a\n- b", "1. a", "## A", "**a**", "| a | b |"])
def test_markup_is_notable_too(mark: str) -> None:
    style = style_of(lambda name, i: mark if name == "ft" and i % 2 else "a b c")
    assert (style.baseline_markup, style.variant_markup) == (0, 0.5)
    assert style.notable


@pytest.mark.parametrize("text", ["a - b", "2 * 3", "1.5 m", "snake_case", "#1"])
def test_plain_text_is_no_markup(text: str) -> None:
    assert style_of(lambda name, i: text).variant_markup == 0


def test_no_answers_have_no_style() -> None:
    assert answer_styles(*a_run(lambda name, i: "", questions=0)) == ()


def jury(**judges: float) -> dict[str, Score]:
    values = list(judges.values())
    evidence = {"judges": judges, "spread": max(values) - min(values)}
    return {"accuracy": Score(metric="accuracy", value=sum(values) / 2, evidence=evidence)}


def test_where_a_jury_disagrees() -> None:
    _, evaluation = a_run(lambda name, i: "x")
    evaluation.scores["ft", "demo"] = {
        "q0": jury(a=1.0, b=0.9),
        "q1": jury(a=1.0, b=0.0),
        "q2": jury(a=0.25, b=0.75),
        "q3": {"accuracy": Score(metric="accuracy", value=1.0, evidence={"judges": "two"})},
        "q4": {"accuracy": Score(metric="accuracy", value=None, status="missing")},
    }
    found = disagreements(evaluation)
    assert [(d.id, d.spread) for d in found] == [("q1", 1.0), ("q2", 0.5)]
    assert found[0].judges == {"a": 1.0, "b": 0.0}
    told = notes(replace(run(), disagreements=found))
    assert "the jury disagrees on accuracy of demo::q1 (ft): a 1.00, b 0.00" in told


def test_reports_name_the_risk_unless_people_correct_it() -> None:
    style = replace(
        style_of(lambda name, i: "word " * (30 if name == "ft" else 10)), variant="ft-ckpt"
    )
    (told,) = [x for x in notes(replace(PASSING, styles=(style,))) if "words on average" in x]
    assert told.startswith(
        "ft-ckpt: its answers have 30.0 words on average, the baseline's 10.0 (difference +20.0 "
    )
    assert "RISK: a judge may favour one style" in told
    plain = notes(replace(PASSING, styles=(replace(style, notable=False),)))
    assert not any("RISK" in note for note in plain)
