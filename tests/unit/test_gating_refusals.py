"""How often both arms decline, counted over a run's answers, and how reports say it."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.gating.answer_differences import refusals
from pytest_ragft.records import Answer, Refusals, Score
from pytest_ragft.reporting.json import report_schema, to_json
from pytest_ragft.reporting.notes import notes
from tests.evaluation_parts import make_suite
from tests.unit.test_reporting_examples import PASSING

DECLINES = "The context does not say."


def a_run(declined: int, evidence: dict[str, bool]) -> tuple[Any, Evaluation]:
    """As much of a run as is read: `declined` answers of the variant decline."""
    suite = make_suite(questions=40)
    evaluation = Evaluation()
    for name, refused in (("baseline", 0), ("ft", declined)):
        arm = (name, "demo")
        for position, example in enumerate(suite.examples):
            refuses = position < refused
            text = DECLINES if refuses else "It is 42."
            score = Score(
                metric="accuracy",
                value=0.0 if refuses else 1.0,
                evidence=evidence if refuses else {},
            )
            evaluation.answers.setdefault(arm, {})[example.id] = Answer(text=text, finish="stop")
            evaluation.scores.setdefault(arm, {})[example.id] = {"accuracy": score}
    plan = SimpleNamespace(
        suites={"demo": suite},
        variants=[SimpleNamespace(name="ft")],
        settings=SimpleNamespace(gated=True),
    )
    return plan, evaluation


@pytest.mark.parametrize("evidence", [{"abstained": True}, {}])
def test_refusals_are_counted_whether_or_not_a_judge_names_them(evidence: dict[str, bool]) -> None:
    (found,) = refusals(*a_run(5, evidence))

    assert found.answerable + found.unanswerable == 40
    assert found.variant_refused + found.variant_abstained == 5
    assert found.baseline_refused == found.baseline_abstained == 0


def test_what_a_judge_says_counts() -> None:
    (found,) = refusals(*a_run(5, {"abstained": False}))

    assert found.variant_refused + found.variant_abstained == 0


def test_a_run_without_a_comparison_has_none() -> None:
    plan, evaluation = a_run(5, {})
    plan.settings.gated = False

    assert refusals(plan, evaluation) == ()


def of(**counts: int) -> Refusals:
    fields = dict.fromkeys(
        ["answerable", "baseline_refused", "variant_refused", "unanswerable", "baseline_abstained",
         "variant_abstained"], 0)  # fmt: skip
    return Refusals(variant="ft", **(fields | counts))


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (
            {"answerable": 800, "baseline_refused": 25, "variant_refused": 99,
             "unanswerable": 20, "baseline_abstained": 19},
            "ft: declines to answer 12.4 % of 800 answerable questions (baseline 3.1 %) and 0 % of "
            "20 unanswerable questions (baseline 95 %)",
        ),
        (
            {"answerable": 800, "variant_refused": 1},
            "ft: declines to answer 0.1 % of 800 answerable questions (baseline 0 %)",
        ),
        ({"answerable": 800}, None),
    ],
)  # fmt: skip
def test_how_the_report_says_it(counts: dict[str, int], told: str | None) -> None:
    lines = [x for x in notes(replace(PASSING, refusals=(of(**counts),))) if "declines" in x]

    assert lines == ([] if told is None else [told])


def test_the_json_report_keeps_to_its_schema() -> None:
    document = json.loads(to_json(replace(PASSING, refusals=(of(answerable=800),))))

    jsonschema.Draft202012Validator(report_schema()).validate(document)
    assert document["refusals"][0]["answerable"] == 800
