"""The rule on pairs with missing scores and human labels: by the judge alone, and by people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pytest_ragft.gate.correction import (
    Measured,
    judge_bias,
    judged_bounds,
    labelled_bounds,
    pair_id,
    people_means,
)
from pytest_ragft.gate.decision import verdict_on
from pytest_ragft.gate.findings import mean_score
from pytest_ragft.gate.levels import Level, Margins, margins_of
from pytest_ragft.gate.pairs import is_complete
from pytest_ragft.records import Correction, Gate, PairedScore, PairLabels, Slope, Verdict
from pytest_ragft.stats.noninferiority import Bounds

MISSING_SHARE = 0.02
"""Largest share of the applicable pairs that may lack a score without the gate giving up."""

_RANK = {"REGRESSION": 0, "INCONCLUSIVE": 1, "PASS": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A verdict with what it rests on."""

    verdict: Verdict
    measured: Measured
    margins: Margins
    complete: tuple[PairedScore, ...]
    """The pairs that have all that decides."""
    worst_case: tuple[float, float] | None
    """Bounds with every missing score at its worst; None when none is missing."""
    correction: Correction | None = None
    """By human labels, where there are some."""

    @property
    def bounds(self) -> Bounds:
        """That the verdict rests on."""
        return self.measured.bounds

    @property
    def by_people(self) -> bool:
        """Whether human labels decide."""
        return self.correction is not None and self.correction.decided_by == "labels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the pairs that a metric applies to."""

    gate: Gate
    pairs: Sequence[PairedScore]
    level: Level
    limited: bool
    labels: PairLabels | None
    slope: Slope | None


def ruling_on(question: Question) -> Ruling:
    """The ruling that decides.

    Raises:
        ValueError: The gate's rule is out of its range, or its margin is one in people's units that
            no slope translates.
    """
    gate, labels = question.gate, question.labels
    complete = [pair for pair in question.pairs if is_complete(pair)]
    # Where labels decide, the judge's own verdict is shown without a calibration, too.
    without = labels is not None and question.slope is None
    margins = margins_of(gate, question.slope, labelled=without)
    alpha, scale = question.level.alpha, gate.scale
    judged = _rule(question, complete, margins, partial(judged_bounds, alpha=alpha, scale=scale))
    if labels is None:
        return judged
    known = [pair for pair in complete if pair_id(pair) not in labels.unsure]
    measure = partial(labelled_bounds, labels=labels, alpha=alpha, scale=scale)
    corrected = _rule(question, known, margins_of(gate, None, labelled=True), measure)
    correction = _correction(question, labels, judged, corrected)
    decides = corrected if correction.decided_by == "labels" else judged
    return replace(decides, correction=correction)


def _rule(
    question: Question,
    complete: Sequence[PairedScore],
    margins: Margins,
    measure: Callable[[Sequence[PairedScore]], Measured],
) -> Ruling:
    """The rule with what missing scores, a limited run and the end of the looks do to it."""
    decide = partial(
        verdict_on,
        margin=margins.passing,
        regression_margin=margins.regression,
        alpha=question.level.alpha,
        scale=question.gate.scale,
    )
    pairs, missing = question.pairs, len(question.pairs) - len(complete)
    measured = measure(complete)
    worst = measure(pairs).bounds if missing else measured.bounds
    verdict, worst_verdict = decide(measured.bounds), decide(worst)
    if missing > MISSING_SHARE * len(pairs) or _overturned(verdict, worst_verdict):
        verdict = replace(verdict, outcome="INCONCLUSIVE", reason="missing")
    elif question.limited:
        verdict = replace(verdict, outcome="INCONCLUSIVE", reason="limited")
    elif question.level.past and verdict.outcome == "PASS":
        verdict = replace(verdict, outcome="INCONCLUSIVE", reason="looks")
    return Ruling(
        verdict=verdict,
        measured=measured,
        margins=margins,
        complete=tuple(complete),
        worst_case=(worst.lower, worst.upper) if missing else None,
    )


def _correction(
    question: Question, labels: PairLabels, judged: Ruling, corrected: Ruling
) -> Correction:
    scale, measured = question.gate.scale, corrected.measured
    too_few = judged.verdict.outcome == "REGRESSION" and corrected.verdict.reason == "floor"
    bias = judge_bias(corrected.complete, labels, scale=scale)
    means = people_means(corrected.complete, labels, scale=scale, weight=measured.weight)
    return Correction(
        judged=judged.verdict,
        corrected=corrected.verdict,
        decided_by="judge" if too_few else "labels",
        labelled=measured.labelled,
        others=measured.others,
        incomplete=labels.incomplete,
        weight=measured.weight,
        bias=bias.estimate,
        bias_lower=bias.lower,
        bias_upper=bias.upper,
        raters=labels.raters,
        rater_alpha=labels.rater_alpha,
        unsure=sum(pair_id(pair) in labels.unsure for pair in question.pairs),
        baseline_mean=means[0],
        variant_mean=means[1],
        judged_baseline_mean=mean_score([pair.baseline for pair in judged.complete]),
        judged_variant_mean=mean_score([pair.variant for pair in judged.complete]),
    )


def _overturned(verdict: Verdict, worst: Verdict) -> bool:
    return _RANK[worst.outcome] < _RANK[verdict.outcome]
