"""A corrected gate in the reports: both verdicts, and which decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_ragft.records import Correction, Slope
from pytest_ragft.reporting.human_labels import correction_text, people_margin_text
from pytest_ragft.reporting.junit import gate_properties
from pytest_ragft.reporting.terminal import render
from tests.unit.test_reporting_examples import gate, run

JUDGED = gate().verdict
CORRECTED = replace(
    gate(bounds=(-0.0504, -0.031, -0.004), outcome="INCONCLUSIVE", reason="worse", n=120).verdict
)


def corrected(**changes: Any):
    facts: dict[str, Any] = {
        "judged": JUDGED,
        "corrected": CORRECTED,
        "decided_by": "labels",
        "labelled": 120,
        "others": 360,
        "incomplete": 3,
        "weight": 0.62,
        "bias": 0.043,
        "bias_lower": 0.01,
        "bias_upper": 0.07,
        "raters": 2,
        "rater_alpha": 0.714,
        "unsure": 2,
        "judged_baseline_mean": 0.412,
        "judged_variant_mean": 0.416,
    }
    return gate(
        bounds=(-0.0504, -0.031, -0.004),
        outcome="INCONCLUSIVE",
        reason="worse",
        n=120,
        correction=Correction(**facts | {k: v for k, v in changes.items() if k in facts}),
        **{key: value for key, value in changes.items() if key not in facts},
    )


def test_both_verdicts_stand_side_by_side() -> None:
    assert correction_text(corrected()) == (
        "judge alone: +0.004 [−0.021, +0.028] (one-sided 95 %) PASS; corrected by 120 labelled "
        "questions: −0.031 [−0.0504, −0.004] (one-sided 95 %) INCONCLUSIVE worse, which decides; "
        "judge less people: +0.043 (two-sided 95 %: +0.010 to +0.070), weight of the judge 0.62; "
        "2 raters, α 0.71; 3 drawn questions in blocks that are not filled whole; people cannot "
        "say for 2 questions"
    )


def test_labels_that_are_too_few_are_said_to_be() -> None:
    text = correction_text(corrected(decided_by="judge", labelled=1, raters=1, incomplete=0))
    assert "INCONCLUSIVE worse, too few labels to decide" in text
    assert "judge less people" not in text


def test_the_terminal_shows_them_under_the_gate() -> None:
    text = " ".join(" ".join(line.text for line in render(run(corrected()), width=100)).split())
    assert "judge alone: +0.004 [−0.021, +0.028] (one-sided 95 %) PASS" in text
    assert (
        "to decide: about 1,250 labelled questions in 344 documents (with 80 % probability, if the "
        "estimate is the truth)"
    ) in text
    assert "severe drops (half of the scale or more): 2.1 % of labelled questions" in text
    assert "where (by the judge)" in text


def test_the_row_shows_the_means_of_those_who_decide_and_names_the_judge_s_beside_them() -> None:
    """Seen: baseline 1.000 and variant 1.000 with a difference of -0.060, which was people's."""
    result = corrected(baseline_mean=0.801, variant_mean=0.770)
    text = " ".join(" ".join(line.text for line in render(run(result), width=160)).split())
    assert "accuracy (pooled, primary) 0.801 0.770 −0.031 −0.0504 −0.004" in text
    assert "means by people's labels; by the judge alone they are: accuracy 0.412 and 0.416" in text


SLOPE = Slope(estimate=0.62, lower=0.52, upper=0.71)


def test_a_margin_is_said_in_people_s_units() -> None:
    text = people_margin_text(gate(slope=SLOPE))
    assert text.startswith("margin 0.05 in this judge's score is about 0.08 to people; slope")
    assert "errs alike on baseline and variant" in text
    assert people_margin_text(gate()) == ""


def test_a_margin_in_people_s_units_is_said_in_the_judge_s() -> None:
    rule = replace(gate().gate, margin_scale="people")
    verdict = replace(gate().verdict, margin=0.026, regression_margin=0.0355)
    text = people_margin_text(gate(slope=SLOPE, gate=rule, verdict=verdict))
    assert text.startswith(
        "margin 0.05 to people: a PASS excludes a drop by 0.026 in this judge's score, a "
        "REGRESSION is one by more than 0.0355; slope"
    )


def test_a_judge_that_does_not_follow_people_makes_a_margin_meaningless() -> None:
    contrary = Slope(estimate=-0.1, lower=-0.2, upper=0.05)
    assert "means nothing to people" in people_margin_text(gate(slope=contrary))


def test_a_gate_without_labels_says_nothing_of_them() -> None:
    assert correction_text(gate()) == ""
    assert not any("label" in name for name, _ in gate_properties(gate()))


def test_junit_has_both() -> None:
    found = dict(gate_properties(corrected()))
    assert found["ragft.judged.verdict"] == "PASS"
    assert found["ragft.corrected.verdict"] == "INCONCLUSIVE"
    assert found["ragft.corrected.lower"] == "-0.0504"
    assert found["ragft.labels"] == "120"
    assert found["ragft.judge_bias"] == "0.043"
