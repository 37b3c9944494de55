"""Gates put to variants over what a run has evaluated, or the reasons why they cannot be."""

from __future__ import annotations

from dataclasses import replace

from pytest_ragft.calibration.filled_sheets import pair_labels
from pytest_ragft.errors import InputError, SuiteError
from pytest_ragft.garbage import no_collection
from pytest_ragft.gate import evaluate_gate
from pytest_ragft.gating.facts import shown_arms, strict_errors, suite_facts, variant_facts
from pytest_ragft.gating.gates import GateSpec
from pytest_ragft.gating.ignored_suites import not_asked
from pytest_ragft.gating.margins import check_margin, slope_of
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.weaker_rules import rule_notes
from pytest_ragft.records import GateResult, PairLabels

GateKey = tuple[str, str, str]
"""File, variant and last part of its id: identifies a gate in every process of a run."""

# Reasons of INCONCLUSIVE that ``--ragft-on-inconclusive=warn`` lets pass.
_SOFTENED = ("floor", "worse", "underpowered")


def gate_key(spec: GateSpec, variant: str) -> GateKey:
    """What identifies a gate of a variant."""
    return str(spec.path), variant, spec.name


def gate_result(run: GatingRun, spec: GateSpec, variant: str, node_id: str) -> GateResult:
    """Put a gate to a variant over what has been evaluated.

    Raises:
        InputError: human labels are about other questions or answers than those of this run.
        SuiteError: the pool has none of the announced sizes, or nothing says what a margin in
            people's units means.
    """
    # The item, its refusals and the report all ask.
    if (known := run.decided.get((spec, variant))) is None:
        known = run.decided[spec, variant] = _decide(run, spec, variant)
    return replace(known, node_id=node_id)


@no_collection()
def _decide(run: GatingRun, spec: GateSpec, variant: str) -> GateResult:
    labels = _labels_for(run, spec, variant)
    if labels is None:
        check_margin(run, spec)
    comparison = run.evaluation.comparison(
        spec.gate.metric,
        variant,
        [run.plan.suites[name] for name in spec.suites],
        limit=run.plan.settings.limit,
    )
    result = evaluate_gate(
        spec.gate,
        comparison,
        node_id="",
        pooled=spec.pooled,
        guards=spec.guards,
        variants=len(run.plan.variants) if spec.select_best else 1,
        labels=labels,
        slope=slope_of(run, spec),
    )
    verdict = result.verdict
    softened = verdict.outcome == "INCONCLUSIVE" and verdict.reason in _SOFTENED
    if softened and run.plan.settings.on_inconclusive == "warn":
        return replace(result, blocks=False)
    return result


def run_errors(run: GatingRun, spec: GateSpec, variant: str) -> list[str]:
    """Why a gate cannot be put to a variant; empty when it can."""
    found = arm_errors(run, spec, variant)
    return found or [*_refusals(run, spec, variant), *_doubts(run, spec)]


def arm_errors(run: GatingRun, spec: GateSpec, variant: str) -> list[str]:
    """Why the arms that a gate needs were not evaluated, or its pool is not complete."""
    known, scores = run.evaluation.errors, run.evaluation.scores
    found = not_asked(run.plan, spec)
    for arm in run.plan.arms(variant, spec.suites):
        if arm in known:
            found.append(known[arm])
        elif not scores.get(arm):
            found.append(f"{arm[0]!r} was not evaluated on suite {arm[1]!r}")
        elif not any(spec.gate.metric in of for of in scores[arm].values()):
            found.append(f"{arm[0]!r} was never scored in {spec.gate.metric!r} on suite {arm[1]!r}")
    return list(dict.fromkeys(found))


def _refusals(run: GatingRun, spec: GateSpec, variant: str) -> list[str]:
    """Why what was evaluated cannot be put to a gate: its labels, its looks, its margin."""
    try:
        if spec.gate.looks is None and spec.gate.margin_scale == "judge":
            _labels_for(run, spec, variant)
        else:
            gate_result(run, spec, variant, "")
    except (InputError, SuiteError) as error:
        return [str(error)]
    return []


def _doubts(run: GatingRun, spec: GateSpec) -> list[str]:
    if not run.plan.settings.strict:
        return []
    variants = [] if spec.retrieval else [variant_facts(run, name) for name in shown_arms(run.plan)]
    suites = [suite_facts(run, run.plan.suites[name]) for name in spec.suites]
    return strict_errors(variants, suites, rule_notes(run.plan, run.services.saved))


def _labels_for(run: GatingRun, spec: GateSpec, variant: str) -> PairLabels | None:
    """The human labels that bear on a gate; None where there are none.

    Raises:
        InputError: they are about other questions or answers than those of this run.
    """
    return pair_labels(
        run.services.labels,
        metric=spec.gate.metric,
        variant=variant,
        suites=[run.plan.suites[name] for name in spec.suites],
        evaluation=run.evaluation,
    )
