"""What people's labels say about verdicts, and what may have swayed the judge. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_ragft.numbers import count, exact, fixed, level, percent, places_apart, verdict_texts
from pytest_ragft.records import (
    AnswerStyle,
    Disagreement,
    GateResult,
    RunResult,
    Verdict,
)

_SHOWN = 5


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


def sway_notes(run: RunResult) -> list[str]:
    """How the answers look beside the baseline's, and where a jury's judges are far apart."""
    corrected = {
        name: all(g.correction is not None for g in run.gates if g.variant == name)
        for name in {gate.variant for gate in run.gates}
    }
    styles = [_style(style, corrected.get(style.variant, False)) for style in run.styles]
    return styles + _jury(run.disagreements)


def _verdict(verdict: Verdict) -> str:
    lower, estimate, upper = verdict_texts(verdict)
    outcome = f"{verdict.outcome} {verdict.reason}".rstrip()
    return f"{estimate} [{lower}, {upper}] (one-sided {level(verdict.alpha)}) {outcome}"


def _style(style: AnswerStyle, corrected: bool) -> str:
    lower, upper = (
        fixed(x, places_apart(x, 0.0, places=1), signed=True) for x in (style.lower, style.upper)
    )
    text = (
        f"{style.variant}: its answers have {fixed(style.variant_words, 1)} words on average, the "
        f"baseline's {fixed(style.baseline_words, 1)} (difference "
        f"{fixed(style.variant_words - style.baseline_words, 1, signed=True)} "
        f"[{lower}, {upper}], two-sided 95 %)"
    )
    if style.variant_markup or style.baseline_markup:
        text += (
            f"; {percent(style.variant_markup)} of them have lists or other markup, of the "
            f"baseline's {percent(style.baseline_markup)}"
        )
    if style.notable and not corrected:
        text += (
            ". RISK: a judge may favour one style, which no bound here covers; human labels "
            "(`ragft label`, --ragft-labels) take such a bias out"
        )
    return text


def _jury(disagreements: Iterable[Disagreement]) -> list[str]:
    return [
        f"the jury disagrees on {of.metric} of {of.suite}::{of.id} ({of.variant}): "
        + ", ".join(f"{name} {fixed(value, 2)}" for name, value in of.judges.items())
        for of in list(disagreements)[:_SHOWN]
    ]
