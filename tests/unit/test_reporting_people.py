"""A corrected gate in the reports: both verdicts, and which decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_ragft.records import Correction
from pytest_ragft.reporting.junit import gate_properties
from pytest_ragft.reporting.people import correction_text
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
    }
    return gate(
        bounds=(-0.0504, -0.031, -0.004),
        outcome="INCONCLUSIVE",
        reason="worse",
        n=120,
        correction=Correction(**facts | changes),
    )


def test_both_verdicts_stand_side_by_side() -> None:
    assert correction_text(corrected()) == (
        "judge alone: +0.004 [−0.021, +0.028] PASS; corrected by 120 labelled questions: −0.031 "
        "[−0.0504, −0.0040] INCONCLUSIVE worse, which decides; judge less people: +0.043 [+0.010, "
        "+0.070], weight of the judge 0.62; 2 raters, α 0.71; 3 drawn questions not labelled on "
        "both sides"
    )


def test_labels_that_are_too_few_are_said_to_be() -> None:
    text = correction_text(corrected(decided_by="judge", labelled=1, raters=1, incomplete=0))
    assert text.endswith("INCONCLUSIVE worse, too few labels to decide")
    assert "judge less people" not in text


def test_the_terminal_shows_them_under_the_gate() -> None:
    text = " ".join(" ".join(line.text for line in render(run(corrected()), width=100)).split())
    assert "judge alone: +0.004 [−0.021, +0.028] PASS" in text
    assert "to decide: about 1,250 labelled questions" in text


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
