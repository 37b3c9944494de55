"""A gate over a comparison: the decision with all that a report shows about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from pytest_ragft.gate.correction import Measured, judge_bias, judged_bounds, labelled_bounds
from pytest_ragft.gate.decision import check_rule, verdict_on
from pytest_ragft.gate.explanation import explain, explain_labels
from pytest_ragft.gate.findings import (
    mean_score,
    moved_documents,
    moved_questions,
    severe_drops,
    strata,
)
from pytest_ragft.gate.pairs import applicable_pairs, is_complete, pair_codes
from pytest_ragft.records import (
    Comparison,
    Correction,
    Gate,
    GateResult,
    PairedScore,
    PairLabels,
    Verdict,
)
from pytest_ragft.stats.multiplicity import guard_level, shared_alpha
from pytest_ragft.stats.noninferiority import Bounds
from pytest_ragft.stats.planning import detectable_drop, questions_to_decide
from pytest_ragft.stats.proportions import upper_share

MISSING_SHARE = 0.02
"""Largest share of the applicable pairs that may lack a score without the gate giving up."""

_RANK = {"REGRESSION": 0, "INCONCLUSIVE": 1, "PASS": 2}


def evaluate_gate(
    gate: Gate,
    comparison: Comparison,
    *,
    node_id: str,
    pooled: bool,
    guards: int = 1,
    labels: PairLabels | None = None,
) -> GateResult:
    """Holds a comparison to a gate.

    A question that the metric does not apply to is outside n and not missing. A missing score
    never enters the estimate; the verdict of the complete pairs stands as far as the missing ones
    cannot overturn it:

    - more than 2 % of the applicable pairs missing: INCONCLUSIVE ``missing``, whatever the rest
      says;
    - else REGRESSION when the complete pairs say so: missing scores excuse no regression;
    - else INCONCLUSIVE ``missing`` when the outcome is lower in the worst case, where a missing
      variant scores 0 and a missing baseline the whole scale: a PASS that may hide a drop, or a
      regression that is only not proven because scores are missing (which a guard must not let
      through).

    A limited run is INCONCLUSIVE ``limited`` otherwise.

    With human labels for a simple random part of the pairs the same rule is applied to bounds that
    they correct, whose n and clusters count the labelled pairs. That verdict decides, also against
    a judge's REGRESSION, unless the labels are too few to decide anything (``floor``): few labels
    excuse no regression.

    Args:
        gate: The rule; its margin is a fraction of its scale.
        comparison: Paired scores of the gate's metric; a cluster is a document of a suite.
        node_id: The gate's test item.
        pooled: Whether the gate stands over several suites.
        guards: Number of guard gates in force, among which a guard shares its alpha.
        labels: Human labels for both answers of a simple random part of the questions.

    Returns:
        The result. `blocks` holds for a primary gate unless PASS; for a guard on REGRESSION,
        ``missing`` and ``limited``. Means, movers, strata and severe drops are the judge's, on
        the complete pairs.

    Raises:
        ValueError: A rule out of its range, scores or labels of another metric, a question that
            comes twice or has no cluster, or a metric that applies to one answer of a question and
            not to the other.
    """
    margin = gate.margin * gate.scale
    check_rule(margin=margin, alpha=gate.alpha, scale=gate.scale)
    alpha = shared_alpha(gate.alpha, looks=1 if gate.looks is None else gate.looks)
    if gate.role == "guard":
        alpha = guard_level(alpha, guards)
    pairs = applicable_pairs(gate, comparison)
    complete = [pair for pair in pairs if is_complete(pair)]
    decide = partial(_decide, gate, pairs, complete, alpha=alpha, limited=comparison.limited)
    judged = decide(partial(judged_bounds, alpha=alpha, scale=gate.scale))
    decided, correction = judged, None
    if labels is not None:
        if labels.metric != gate.metric:
            raise ValueError(f"labels of {labels.metric!r} for a gate on {gate.metric!r}")
        corrected = decide(partial(labelled_bounds, labels=labels, alpha=alpha, scale=gate.scale))
        correction = _correction(gate, complete, labels, judged.verdict, corrected)
        decided = corrected if correction.decided_by == "labels" else judged
    verdict, bounds, worst_case = decided.verdict, decided.measured.bounds, decided.worst_case
    needed = None
    if verdict.reason in ("floor", "worse", "underpowered"):
        needed = questions_to_decide(bounds, margin=margin, alpha=alpha, scale=gate.scale)
    explanation = explain(
        gate,
        verdict,
        missing=len(pairs) - len(complete),
        applicable=len(pairs),
        worst_case=worst_case,
        needed=needed,
        noun="question" if decided is judged else "labelled question",
    )
    if correction is not None:
        explanation += explain_labels(correction)
    severe = severe_drops(complete, gate.scale)
    return GateResult(
        gate=gate,
        node_id=node_id,
        variant=comparison.variant,
        baseline=comparison.baseline,
        suites=comparison.suites,
        pooled=pooled,
        verdict=verdict,
        blocks=_blocks(gate, verdict),
        explanation=explanation,
        baseline_mean=mean_score([pair.baseline for pair in complete]),
        variant_mean=mean_score([pair.variant for pair in complete]),
        baseline_missing=sum(pair.baseline.value is None for pair in pairs),
        variant_missing=sum(pair.variant.value is None for pair in pairs),
        not_applicable=len(comparison.pairs) - len(pairs),
        worst_case=worst_case,
        detectable_drop=_detectable(bounds, alpha),
        questions_to_decide=needed,
        severe_share=sum(severe) / len(complete) if complete else 0.0,
        severe_upper=upper_share(np.array(severe), pair_codes(complete), alpha=gate.alpha),
        questions=moved_questions(complete, gate.scale),
        documents=moved_documents(complete, gate.scale),
        strata=strata(complete),
        correction=correction,
    )


@dataclass(frozen=True, slots=True)
class _Decision:
    """A verdict with the bounds that it rests on."""

    verdict: Verdict
    measured: Measured
    worst_case: tuple[float, float] | None


def _decide(
    gate: Gate,
    pairs: Sequence[PairedScore],
    complete: Sequence[PairedScore],
    measure: Callable[[Sequence[PairedScore]], Measured],
    *,
    alpha: float,
    limited: bool,
) -> _Decision:
    """The rule with what missing scores and a limited run do to it."""
    margin, missing = gate.margin * gate.scale, len(pairs) - len(complete)
    measured = measure(complete)
    worst = measure(pairs).bounds if missing else measured.bounds
    verdict = verdict_on(measured.bounds, margin=margin, alpha=alpha, scale=gate.scale)
    worst_verdict = verdict_on(worst, margin=margin, alpha=alpha, scale=gate.scale)
    if missing > MISSING_SHARE * len(pairs) or _overturned(verdict, worst_verdict):
        verdict = replace(verdict, outcome="INCONCLUSIVE", reason="missing")
    elif limited:
        verdict = replace(verdict, outcome="INCONCLUSIVE", reason="limited")
    return _Decision(verdict, measured, (worst.lower, worst.upper) if missing else None)


def _correction(
    gate: Gate,
    complete: Sequence[PairedScore],
    labels: PairLabels,
    judged: Verdict,
    corrected: _Decision,
) -> Correction:
    bias = judge_bias(complete, labels, scale=gate.scale)
    too_few = judged.outcome == "REGRESSION" and corrected.verdict.reason == "floor"
    return Correction(
        judged=judged,
        corrected=corrected.verdict,
        decided_by="judge" if too_few else "labels",
        labelled=corrected.measured.labelled,
        others=corrected.measured.others,
        incomplete=labels.incomplete,
        weight=corrected.measured.weight,
        bias=bias.estimate,
        bias_lower=bias.lower,
        bias_upper=bias.upper,
        raters=labels.raters,
        rater_alpha=labels.rater_alpha,
    )


def _overturned(verdict: Verdict, worst: Verdict) -> bool:
    return _RANK[worst.outcome] < _RANK[verdict.outcome]


def _blocks(gate: Gate, verdict: Verdict) -> bool:
    if gate.role == "primary":
        return verdict.outcome != "PASS"
    return verdict.outcome == "REGRESSION" or verdict.reason in ("missing", "limited")


def _detectable(bounds: Bounds, alpha: float) -> float | None:
    # Without any spread the standard error knows nothing of the next question.
    if bounds.clusters < 2 or bounds.standard_error == 0.0:
        return None
    return detectable_drop(bounds.standard_error, alpha=alpha)
