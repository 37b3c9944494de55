"""The result of a run: gate verdicts and the facts that a report shows around them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.metadata import version

from pytest_ragft.gating.answer_differences import answer_styles, disagreements, refusals
from pytest_ragft.gating.facts import shown_arms, strict_errors, suite_facts, variant_facts
from pytest_ragft.gating.ignored_suites import not_asked
from pytest_ragft.gating.judge_facts import judge_note, judge_usage
from pytest_ragft.gating.knowledge import knowledge_axis
from pytest_ragft.gating.remarks import remarks
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.verdicts import GateKey, arm_errors, gate_key, gate_result, run_errors
from pytest_ragft.gating.weaker_rules import rule_notes
from pytest_ragft.records import BASELINE, CHECKS, RunResult


def run_result(
    run: GatingRun, selected: Mapping[GateKey, str], *, errors: Iterable[str] = ()
) -> RunResult:
    """All that the reports are rendered from.

    Args:
        run: evaluated as far as it will be.
        selected: node ids of the gates that are not deselected. One whose arms were not evaluated
            has no verdict.
        errors: what went wrong beside the evaluation, one sentence each.
    """
    configured = {
        gate_key(spec, variant): (spec, variant) for spec, variant in run.plan.configured()
    }
    lost = {key: run_errors(run, *configured[key]) for key in selected if key in configured}
    unpooled = [error for key in lost for error in not_asked(run.plan, configured[key][0])]
    gates = [
        gate_result(run, *configured[key], selected[key]) for key, why in lost.items() if not why
    ]
    there = [why for key, why in lost.items() if not arm_errors(run, *configured[key])]
    refused = [error for why in there for error in why]
    gates.sort(key=lambda result: not result.pooled)
    used = run.evaluation.hits.keys() | {suite for _, suite in run.evaluation.answers}
    variants = tuple(variant_facts(run, name) for name in shown_arms(run.plan))
    suites = tuple(suite_facts(run, s) for s in run.plan.suites.values() if s.name in used)
    rules = rule_notes(run.plan, run.services.saved)
    axis, of_axis = knowledge_axis(run)
    doubts = strict_errors(variants, suites, rules) if run.plan.settings.strict else []
    return RunResult(
        gates=tuple(gates),
        gates_configured=len(configured),
        gates_deselected=len(configured.keys() - selected.keys()),
        variants=variants,
        suites=suites,
        judge=run.plan.settings.judge,
        judge_note=judge_note(run, gates) if run.plan.variants else "",
        on_inconclusive="warn" if run.plan.settings.on_inconclusive == "warn" else "fail",
        limit=run.plan.settings.limit,
        errors=tuple(
            dict.fromkeys(
                [
                    *run.evaluation.errors.values(),
                    *refused,
                    *unpooled,
                    *(error for _, error in of_axis),
                    *doubts,
                    *errors,
                ]
            )
        ),
        errors_of=_errors_of(run, of_axis),
        lost_of=Counter(variant for (_, variant, _), why in lost.items() if why),
        version=version("pytest-ragft"),
        retrieval_gates=sum(spec.retrieval for spec, _ in configured.values()),
        retrieval_undecidable=tuple(spec.gate.metric for spec in run.plan.undecidable()),
        retrieval_unput=tuple(
            spec.gate.metric for spec in run.plan.undecidable() if spec.gate.role == "primary"
        ),
        judge_usage=judge_usage(run.services.judge, os.environ) if run.plan.variants else None,
        styles=answer_styles(run.plan, run.evaluation),
        refusals=refusals(run.plan, run.evaluation),
        disagreements=disagreements(run.evaluation),
        remarks=remarks(run, gates, variants),
        rule_notes=rules,
        knowledge=axis,
        cases=run.cases,
    )


def _errors_of(run: GatingRun, of_axis: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Errors of arms by variant; the baseline's are everyone's."""
    found: dict[str, dict[str, None]] = {}
    own = [(variant, error) for (variant, _), error in run.evaluation.errors.items()]
    for variant, error in [*own, *of_axis]:
        if variant != BASELINE:
            found.setdefault(variant, {})[error] = None
    return {variant: tuple(errors) for variant, errors in found.items()}


def below_floor(run: GatingRun) -> dict[str, int]:
    """By variant: questions of the given suites whose score is below their `question_floor`."""
    found: dict[str, int] = {}
    floors = [(s, s.question_floor) for s in run.plan.suites.values() if s.path in run.plan.given]
    for variant in run.plan.variants:
        below = 0
        for suite, floor in floors:
            for example in suite.examples[: run.plan.settings.limit] if floor is not None else ():
                metric = CHECKS if example.checks else "accuracy"
                arm = variant.name, suite.name
                value = run.evaluation.score(arm, example.id, metric).value
                below += value is not None and floor is not None and value < floor
        if below:
            found[variant.name] = below
    return found
