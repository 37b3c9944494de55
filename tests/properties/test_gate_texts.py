"""What a report says about a gate never contradicts its numbers, nor one sentence another."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_ragft.records import GateResult, PairedScore, Score, Slope
from pytest_ragft.reporting.details import worth_text
from pytest_ragft.reporting.gate_table import gate_lines
from pytest_ragft.reporting.human_labels import correction_text
from tests.unit.gate_rows import evaluate, labelled, pairs

NUMBER = r"[+−]?\d[\d,]*(?:\.\d+)?"


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def bounds_in(text: str) -> tuple[float, float, float]:
    """Level, lower and upper bound of a sentence."""
    found = re.search(rf"one-sided ([\d.]+) % bounds ({NUMBER}) to ({NUMBER})", text)
    assert found, text
    level, lower, upper = map(number, found.groups())
    return level, lower, upper


def moved_in(text: str) -> float:
    """The estimate of a sentence; nan where it is said to be next to nothing."""
    found = re.search(rf"(fell|rose) by ({NUMBER})|did not move|moved by less", text)
    assert found, text
    if found[1] is None:
        return 0.0
    return number(found[2]) * (-1 if found[1] == "fell" else 1)


@st.composite
def gates(draw: st.DrawFn) -> GateResult:
    """Gates near their decisions: values of few kinds, any margin, documents, labels, slopes."""
    n = draw(st.integers(1, 400))
    seeds = draw(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=2, max_size=4))
    shift = draw(st.sampled_from([0.0, 0.0, 1e-4, 0.012, 0.03, 0.0499, 0.05, 0.0501, 0.12]))
    lost = draw(st.integers(0, max(n // 5, 1)))
    values = [
        (seeds[i % len(seeds)], 0.0 if i < lost else max(seeds[i % len(seeds)] - shift, 0.0))
        for i in range(n)
    ]
    per_document = draw(st.sampled_from([1, 1, 3, 7]))
    rows = pairs(values, documents=[f"d{i // per_document}" for i in range(n)])
    rule = {
        "margin": draw(st.sampled_from([0.05, 0.05, 0.02, 0.1, 1 / 30])),
        "margin_is_default": draw(st.booleans()),
        "role": draw(st.sampled_from(["primary", "guard"])),
        "guards": draw(st.sampled_from([1, 6, 7, 40])),
        "variants": draw(st.sampled_from([1, 3])),
        "limited": draw(st.sampled_from([False, False, False, True])),
    }
    if draw(st.booleans()):
        part = max(n // 3, 1)
        sizes = draw(st.sampled_from([(n,), (n, 2 * n), (part, n, 3 * n), (part,)]))
        if all(low * 1.05 < high for low, high in pairwise(sizes)):
            rule["looks"] = sizes
    if draw(st.integers(0, 3)) == 0:
        slope = draw(st.sampled_from([(0.6, 0.5, 0.7), (0.9, 0.7, 1.2), (0.3, 0.21, 0.35)]))
        rule["slope"] = Slope(estimate=slope[0], lower=slope[1], upper=slope[2])
        rule["margin_scale"] = draw(st.sampled_from(["judge", "people"]))
    if draw(st.booleans()):
        some = draw(st.integers(0, n))
        drop = draw(st.sampled_from([0.0, 0.05, 0.3]))
        rule.pop("looks", None)
        return labelled(rows, {i: (1.0, 1.0 - drop * (i % 2)) for i in range(some)}, **rule)
    missing = draw(st.integers(0, 2))
    rows = [*_without(rows[:missing]), *rows[missing:]]
    return evaluate(rows, **rule)


def _without(rows: list[PairedScore]) -> list[PairedScore]:
    lost = Score(metric="accuracy", value=None, status="missing", reason="no")
    return [
        PairedScore(suite=r.suite, id=r.id, cluster=r.cluster, baseline=r.baseline, variant=lost)
        for r in rows
    ]


@settings(max_examples=400, deadline=None)
@given(gates())
def test_the_sentence_says_what_the_verdict_is(result: GateResult) -> None:
    verdict, text = result.verdict, result.explanation
    if not verdict.n or verdict.reason == "missing":
        return
    level, lower, upper = bounds_in(text)
    moved = moved_in(text)
    assert abs(level - 100 * (1 - verdict.alpha)) < 0.01
    assert level < 100
    assert lower <= moved <= upper
    if verdict.outcome == "PASS":
        assert lower > -number(re.search(rf"a drop by .*?({NUMBER})", text)[1])  # type: ignore[index]
    elif verdict.outcome == "REGRESSION":
        assert upper < -number(re.search(rf"more than .*?({NUMBER})", text)[1])  # type: ignore[index]
    elif verdict.reason == "worse":
        assert upper < 0
        assert "surely worse" in text
    elif verdict.reason == "underpowered":
        assert upper >= 0
        assert lower <= -number(re.search(rf"a drop by .*?({NUMBER})", text)[1])  # type: ignore[index]


@settings(max_examples=200, deadline=None)
@given(gates())
def test_a_floor_is_missed_by_what_is_said(result: GateResult) -> None:
    verdict, text = result.verdict, result.explanation
    if verdict.reason != "floor" or not verdict.n:
        return
    lacking = re.findall(
        rf"(?:worth|effectively) ({NUMBER}) (?:independent ones|documents) of the ({NUMBER})", text
    )
    assert lacking
    for have, needed in lacking:
        assert number(have) < number(needed)


@settings(max_examples=200, deadline=None)
@given(gates())
def test_table_and_sentences_have_the_same_numbers(result: GateResult) -> None:
    verdict = result.verdict
    (row,) = [line.text for line in gate_lines([result], 200) if line.text[1:2] in "✓✗·"]
    # From the left: name and role, baseline, variant, difference, lower, upper.
    numbers = re.findall(rf"(?:{NUMBER}|–)(?=\s)", row.partition(")")[2])
    _, _, estimate, lower, upper = numbers[:5]
    assert number(lower) <= number(estimate) <= number(upper)
    if verdict.outcome == "PASS":
        assert number(lower) > -verdict.margin
    if verdict.outcome == "REGRESSION":
        assert number(upper) < -verdict.regression_margin
    if verdict.n and verdict.reason not in ("missing",):
        assert (number(lower), number(upper)) == bounds_in(result.explanation)[1:]
    legend = " ".join(line.text for line in gate_lines([result], 200)[2:])
    level = number(re.search(r"holds with ([\d.]+) %", legend)[1])  # type: ignore[index]
    assert abs(level - 100 * (1 - verdict.alpha)) < 0.01


@settings(max_examples=200, deadline=None)
@given(gates())
def test_what_the_run_is_worth_agrees_with_what_it_found(result: GateResult) -> None:
    text, verdict = worth_text(result), result.verdict
    assert 0.0 <= result.pass_unchanged <= 1.0
    if verdict.reason in ("missing", "limited"):
        assert text == ""
        return
    if result.gate.role == "primary" and verdict.outcome == "PASS":
        assert result.blocked_drop is not None
        assert "passes with probability" in text
    if result.gate.role == "guard":
        assert ("cannot veto" in text) is not result.can_veto
        if verdict.outcome == "REGRESSION":
            assert result.can_veto
    if result.correction is not None and result.correction.decided_by == "labels":
        needed = result.questions_to_decide
        assert needed is None or needed <= result.pool - result.not_applicable
    if result.correction is not None:
        shown = correction_text(result)
        assert shown.count("one-sided") == 2
        for found in re.finditer(rf"({NUMBER}) \[({NUMBER}), ({NUMBER})\]", shown):
            estimate, lower, upper = map(number, found.groups())
            assert lower <= estimate <= upper
