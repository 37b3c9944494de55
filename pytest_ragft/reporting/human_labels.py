"""What people's labels say about verdicts. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_ragft.numbers import count, exact, fixed, level, verdict_texts
from pytest_ragft.records import (
    GateResult,
    Verdict,
)


def by_people(result: GateResult) -> bool:
    """Whether human labels decide."""
    return result.correction is not None and result.correction.decided_by == "labels"


def people_margin_text(result: GateResult) -> str:
    """What the margin means to people; empty without a calibration in force."""
    gate, slope = result.gate, result.slope
    if slope is None or by_people(result):
        return ""
    margin = gate.margin * gate.scale
    found = (
        f"slope of the judge's score on people's {fixed(slope.estimate, 2)} "
        f"(one-sided 95 % bounds {fixed(slope.lower, 2)} and {fixed(slope.upper, 2)}; it supposes "
        "that the judge errs alike on baseline and variant)"
    )
    if gate.margin_scale == "people":
        return (
            f"margin {exact(margin)} to people: a PASS excludes a drop by "
            f"{exact(result.verdict.margin)} in this judge's score, a REGRESSION is one by more "
            f"than {exact(result.verdict.regression_margin)}; {found}"
        )
    if slope.estimate <= 0:
        return f"margin {exact(margin)} in this judge's score means nothing to people; {found}"
    meant = fixed(margin / slope.estimate, 2 if margin / slope.estimate >= 0.01 else 4)
    return f"margin {exact(margin)} in this judge's score is about {meant} to people; {found}"


def correction_text(result: GateResult) -> str:
    """Both verdicts, by the judge alone and corrected, and which decides; empty without labels."""
    of = result.correction
    if of is None:
        return ""
    decides = "which decides" if of.decided_by == "labels" else "too few labels to decide"
    text = (
        f"judge alone: {_verdict(of.judged)}; corrected by "
        f"{count(of.labelled, 'labelled question')}: {_verdict(of.corrected)}, {decides}"
    )
    if of.labelled > 1:
        text += (
            f"; judge less people: {fixed(of.bias, signed=True)} (two-sided 95 %: "
            f"{fixed(of.bias_lower, signed=True)} to {fixed(of.bias_upper, signed=True)})"
        )
        text += f", weight of the judge {fixed(of.weight, 2)}"
    if of.raters > 1:
        text += f"; {count(of.raters, 'rater')}, α {fixed(of.rater_alpha, 2)}"
    if of.incomplete:
        text += f"; {count(of.incomplete, 'drawn question')} in blocks that are not filled whole"
    if of.unsure:
        text += f"; people cannot say for {count(of.unsure, 'question')}"
    return text


def correction_properties(result: GateResult) -> Iterator[tuple[str, str]]:
    """JUnit properties of a corrected gate; none without labels."""
    of = result.correction
    if of is None:
        return
    yield "ragft.labels", str(of.labelled)
    yield "ragft.labels.decided_by", of.decided_by
    yield "ragft.labels.weight", exact(of.weight)
    for name, verdict in (("judged", of.judged), ("corrected", of.corrected)):
        yield f"ragft.{name}.verdict", verdict.outcome
        yield f"ragft.{name}.verdict.reason", verdict.reason
        yield f"ragft.{name}.difference", exact(verdict.estimate)
        yield f"ragft.{name}.lower", exact(verdict.lower)
        yield f"ragft.{name}.upper", exact(verdict.upper)
    yield "ragft.judge_bias", exact(of.bias)
    yield "ragft.judge_bias.lower", exact(of.bias_lower)
    yield "ragft.judge_bias.upper", exact(of.bias_upper)


def _verdict(verdict: Verdict) -> str:
    lower, estimate, upper = verdict_texts(verdict)
    outcome = f"{verdict.outcome} {verdict.reason}".rstrip()
    return f"{estimate} [{lower}, {upper}] (one-sided {level(verdict.alpha)}) {outcome}"
