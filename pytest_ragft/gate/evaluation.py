"""A gate over a comparison: the decision with all that a report shows about it."""

from __future__ import annotations

import numpy as np

from pytest_ragft.gate.correction import labelled_difference, pair_id
from pytest_ragft.gate.explanation import Circumstances, explain, explain_labels
from pytest_ragft.gate.findings import (
    draws_worth,
    is_severe,
    mean_score,
    moved_documents,
    moved_questions,
    shared_documents,
)
from pytest_ragft.gate.levels import Level, level_of
from pytest_ragft.gate.pairs import applicable_pairs, difference, in_slice, is_complete, pair_codes
from pytest_ragft.gate.ruling import Question, Ruling, ruling_on
from pytest_ragft.gate.strata import strata
from pytest_ragft.records import (
    Comparison,
    Gate,
    GateResult,
    PairedScore,
    PairLabels,
    Slope,
    Verdict,
)
from pytest_ragft.stats.means import upper_share
from pytest_ragft.stats.planning import (
    blocked_drop,
    can_regress,
    documents_for,
    may_pass,
    pass_probability,
    questions_to_decide,
    vetoed_drop,
)


def evaluate_gate(
    gate: Gate,
    comparison: Comparison,
    *,
    node_id: str,
    pooled: bool,
    guards: int = 1,
    variants: int = 1,
    labels: PairLabels | None = None,
    slope: Slope | None = None,
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

    A limited run is INCONCLUSIVE ``limited`` otherwise. Past the last announced look a PASS becomes
    INCONCLUSIVE ``looks``.

    With human labels for a simple random part of the pairs the same rule is applied to bounds that
    they correct, whose n and clusters count the labelled pairs; a pair of which people cannot say
    is missing there. That verdict decides, also against a judge's REGRESSION, unless the labels are
    too few to decide anything (``floor``): few labels excuse no regression.

    Args:
        gate: The rule; its margin is a fraction of its scale.
        comparison: Paired scores of the gate's metric over all questions of its suites.
        node_id: The gate's test item.
        pooled: Whether the gate stands over several suites.
        guards: Number of guard gates in force, which share alpha where they are many.
        variants: Number of variants that share alpha, since the best of them will be chosen.
        labels: Human labels for both answers of a simple random part of the questions.
        slope: Of the judge's score on people's, from a calibration in force.

    Returns:
        The result. `blocks` holds for a primary gate unless PASS; for a guard on REGRESSION,
        ``missing`` and ``limited``. Movers and strata are the judge's, on the complete pairs.

    Raises:
        SuiteError: The pool has none of the announced sizes.
        ValueError: A rule out of its range, scores or labels of another metric, a question that
            comes twice or has no cluster, a metric that applies to one answer of a question and
            not to the other, or a margin in people's units that no slope translates.
    """
    if labels is not None and labels.metric != gate.metric:
        raise ValueError(f"labels of {labels.metric!r} for a gate on {gate.metric!r}")
    comparison = in_slice(gate, comparison)
    pairs = applicable_pairs(gate, comparison)
    size = _size(comparison, pairs, labels)
    level = level_of(gate, guards=guards, variants=variants, size=size)
    question = Question(
        gate=gate,
        pairs=pairs,
        level=level,
        limited=comparison.limited,
        labels=labels,
        slope=slope,
    )
    ruling = ruling_on(question)
    verdict, bounds = ruling.verdict, ruling.bounds
    complete = [pair for pair in pairs if is_complete(pair)]
    needed = _needed(question, ruling)
    documents = None if needed is None else documents_for(needed, bounds)
    baseline_mean, variant_mean = _means(ruling, complete)
    severe, severe_pairs = _severe(ruling, complete, labels, gate.scale)
    return GateResult(
        gate=gate,
        node_id=node_id,
        variant=comparison.variant,
        baseline=comparison.baseline,
        suites=comparison.suites,
        pooled=pooled,
        verdict=verdict,
        blocks=_blocks(gate, verdict),
        explanation=_explanation(question, ruling, needed, documents),
        baseline_mean=baseline_mean,
        variant_mean=variant_mean,
        baseline_missing=sum(pair.baseline.value is None for pair in pairs),
        variant_missing=sum(pair.variant.value is None for pair in pairs),
        not_applicable=len(comparison.pairs) - len(pairs),
        worst_case=ruling.worst_case,
        pass_unchanged=_pass_unchanged(level, ruling),
        blocked_drop=_blocked_drop(level, ruling),
        vetoed_drop=_vetoed_drop(gate, ruling),
        can_veto=can_regress(bounds),
        questions_to_decide=needed,
        documents_to_decide=documents,
        severe_share=sum(severe) / len(severe) if severe else 0.0,
        severe_upper=upper_share(np.array(severe), pair_codes(severe_pairs), alpha=gate.alpha),
        severe_alpha=gate.alpha,
        pool=len(comparison.pairs),
        shared_documents=shared_documents(comparison.pairs),
        look=level.look,
        slope=slope,
        questions=moved_questions(complete, gate.scale),
        documents=moved_documents(complete, gate.scale),
        strata=strata(complete),
        correction=ruling.correction,
        draws=draws_worth(complete),
    )


def _size(
    comparison: Comparison, pairs: list[PairedScore], labels: PairLabels | None
) -> int | None:
    """What announced looks count; None on a limited run, which is no look."""
    if comparison.limited:
        return None
    if labels is None:
        return len(comparison.pairs)
    return sum(pair_id(pair) in labels.pairs or pair_id(pair) in labels.unsure for pair in pairs)


def _needed(question: Question, ruling: Ruling) -> int | None:
    """About how many questions would decide; labels there can be for those of the pool alone."""
    if ruling.verdict.reason not in ("floor", "worse", "underpowered"):
        return None
    return questions_to_decide(
        ruling.bounds,
        margin=ruling.margins.passing,
        regression_margin=ruling.margins.regression,
        alpha=question.level.alpha,
        scale=question.gate.scale,
        most=len(question.pairs) if ruling.by_people else None,
    )


def _explanation(
    question: Question, ruling: Ruling, needed: int | None, documents: int | None
) -> str:
    gate, level = question.gate, question.level
    ahead = gate.looks[level.look :] if gate.looks and level.look else ()
    text = explain(
        ruling.verdict,
        Circumstances(
            gate=gate,
            missing=len(question.pairs) - len(ruling.complete),
            applicable=len(question.pairs),
            worst_case=ruling.worst_case,
            needed=needed,
            documents=documents,
            most=len(question.pairs) if ruling.by_people else None,
            next_look=ahead[0] if ahead else None,
        ),
    )
    return text if ruling.correction is None else text + explain_labels(ruling.correction)


def _means(ruling: Ruling, complete: list[PairedScore]) -> tuple[float | None, float | None]:
    if ruling.correction is not None and ruling.by_people:
        return ruling.correction.baseline_mean, ruling.correction.variant_mean
    return mean_score([p.baseline for p in complete]), mean_score([p.variant for p in complete])


def _severe(
    ruling: Ruling, complete: list[PairedScore], labels: PairLabels | None, scale: float
) -> tuple[list[bool], list[PairedScore]]:
    """Whether each question lost much, by whoever decides, and the questions."""
    if labels is None or not ruling.by_people:
        return [is_severe(difference(pair, scale), scale) for pair in complete], complete
    found = [(pair, labelled_difference(labels, pair, scale)) for pair in ruling.complete]
    labelled = [(pair, drop) for pair, drop in found if drop is not None]
    return [is_severe(drop, scale) for _, drop in labelled], [pair for pair, _ in labelled]


def _pass_unchanged(level: Level, ruling: Ruling) -> float:
    if level.past:
        return 0.0
    needed = ruling.verdict.questions_needed
    return pass_probability(ruling.bounds, margin=ruling.margins.passing, needed=needed)


def _blocked_drop(level: Level, ruling: Ruling) -> float | None:
    if level.past or not may_pass(ruling.bounds, ruling.verdict.questions_needed):
        return None
    return blocked_drop(ruling.bounds, margin=ruling.margins.passing)


def _vetoed_drop(gate: Gate, ruling: Ruling) -> float | None:
    drop = vetoed_drop(ruling.bounds, margin=ruling.margins.regression)
    return drop if can_regress(ruling.bounds) and drop <= gate.scale else None


def _blocks(gate: Gate, verdict: Verdict) -> bool:
    if gate.role == "primary":
        return verdict.outcome != "PASS"
    return verdict.outcome == "REGRESSION" or verdict.reason in ("missing", "limited")
