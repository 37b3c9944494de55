"""The result of a run: gate verdicts and the facts that a report shows around them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from typing import Any

from pytest_ragft.errors import InputError, SuiteError
from pytest_ragft.evaluation.evaluation import BASELINE
from pytest_ragft.evaluation.ranking import sources_of
from pytest_ragft.garbage import no_collection
from pytest_ragft.gate import evaluate_gate
from pytest_ragft.records import GateResult, QAExample, RunResult, SuiteFacts, VariantFacts
from pytest_ragft.retrieval.metrics import mean_metrics
from pytest_ragft.run.groups import GateSpec
from pytest_ragft.run.people import judge_note, labels_for
from pytest_ragft.run.platforms import elsewhere
from pytest_ragft.run.pooling import not_asked
from pytest_ragft.run.refusing import refusals
from pytest_ragft.run.remarks import remarks
from pytest_ragft.run.rules import check_margin, slope_of
from pytest_ragft.run.run import Run
from pytest_ragft.run.strictness import strict_errors
from pytest_ragft.run.sway import answer_styles, disagreements
from pytest_ragft.run.usage import judge_usage
from pytest_ragft.run.weakening import rule_notes
from pytest_ragft.suite import Suite

GateKey = tuple[str, str, str]
"""File, variant and last part of its id: identifies a gate in every process of a run."""

_SOFTENED = ("floor", "worse", "underpowered")
"""Reasons of INCONCLUSIVE that ``--ragft-on-inconclusive=warn`` lets pass."""


def gate_key(spec: GateSpec, variant: str) -> GateKey:
    """What identifies a gate of a variant."""
    return str(spec.path), variant, spec.name


def gate_result(run: Run, spec: GateSpec, variant: str, node_id: str) -> GateResult:
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
def _decide(run: Run, spec: GateSpec, variant: str) -> GateResult:
    labels = labels_for(run, spec, variant)
    if labels is None:
        check_margin(run, spec)
    comparison = run.evaluation.comparison(
        spec.gate.metric,
        variant,
        [run.suites[name] for name in spec.suites],
        limit=run.settings.limit,
    )
    result = evaluate_gate(
        spec.gate,
        comparison,
        node_id="",
        pooled=spec.pooled,
        guards=spec.guards,
        variants=len(run.variants) if spec.select_best else 1,
        labels=labels,
        slope=slope_of(run, spec),
    )
    verdict = result.verdict
    softened = verdict.outcome == "INCONCLUSIVE" and verdict.reason in _SOFTENED
    if softened and run.settings.on_inconclusive == "warn":
        return replace(result, blocks=False)
    return result


def run_errors(run: Run, spec: GateSpec, variant: str) -> list[str]:
    """Why a gate cannot be put to a variant; empty when it can."""
    found = _arm_errors(run, spec, variant)
    return found or [*_refusals(run, spec, variant), *_doubts(run, spec)]


def _arm_errors(run: Run, spec: GateSpec, variant: str) -> list[str]:
    """Why the arms that a gate needs were not evaluated, or its pool is not complete."""
    known, scores = run.evaluation.errors, run.evaluation.scores
    found = not_asked(run, spec)
    for arm in run.arms(variant, spec.suites):
        if arm in known:
            found.append(known[arm])
        elif not scores.get(arm):
            found.append(f"{arm[0]!r} was not evaluated on suite {arm[1]!r}")
        elif not any(spec.gate.metric in of for of in scores[arm].values()):
            found.append(f"{arm[0]!r} was never scored in {spec.gate.metric!r} on suite {arm[1]!r}")
    return list(dict.fromkeys(found))


def _refusals(run: Run, spec: GateSpec, variant: str) -> list[str]:
    """Why what was evaluated cannot be put to a gate: its labels, its looks, its margin."""
    try:
        if spec.gate.looks is None and spec.gate.margin_scale == "judge":
            labels_for(run, spec, variant)
        else:
            gate_result(run, spec, variant, "")
    except (InputError, SuiteError) as error:
        return [str(error)]
    return []


def _doubts(run: Run, spec: GateSpec) -> list[str]:
    if not run.settings.strict:
        return []
    variants = [] if spec.retrieval else [variant_facts(run, name) for name in _shown(run)]
    suites = [suite_facts(run, run.suites[name]) for name in spec.suites]
    return strict_errors(variants, suites, rule_notes(run))


def run_result(
    run: Run, selected: Mapping[GateKey, str], *, errors: Iterable[str] = ()
) -> RunResult:
    """All that the reports are rendered from.

    Args:
        run: evaluated as far as it will be.
        selected: node ids of the gates that are not deselected. One whose arms were not evaluated
            has no verdict.
        errors: what went wrong beside the evaluation, one sentence each.
    """
    configured = {gate_key(spec, variant): (spec, variant) for spec, variant in run.configured()}
    lost = {key: run_errors(run, *configured[key]) for key in selected if key in configured}
    unpooled = [error for key in lost for error in not_asked(run, configured[key][0])]
    gates = [
        gate_result(run, *configured[key], selected[key]) for key, why in lost.items() if not why
    ]
    there = [why for key, why in lost.items() if not _arm_errors(run, *configured[key])]
    refused = [error for why in there for error in why]
    gates.sort(key=lambda result: not result.pooled)
    used = run.evaluation.hits.keys() | {suite for _, suite in run.evaluation.answers}
    variants = tuple(variant_facts(run, name) for name in _shown(run))
    suites = tuple(suite_facts(run, s) for s in run.suites.values() if s.name in used)
    rules = rule_notes(run)
    doubts = strict_errors(variants, suites, rules) if run.settings.strict else []
    return RunResult(
        gates=tuple(gates),
        gates_configured=len(configured),
        gates_deselected=len(configured.keys() - selected.keys()),
        variants=variants,
        suites=suites,
        judge=run.settings.judge,
        judge_note=judge_note(run, gates) if run.variants else "",
        on_inconclusive="warn" if run.settings.on_inconclusive == "warn" else "fail",
        limit=run.settings.limit,
        errors=tuple(
            dict.fromkeys([*run.evaluation.errors.values(), *refused, *unpooled, *doubts, *errors])
        ),
        errors_of=_errors_of(run),
        lost_of=Counter(variant for (_, variant, _), why in lost.items() if why),
        version=version("pytest-ragft"),
        retrieval_gates=sum(spec.retrieval for spec, _ in configured.values()),
        retrieval_undecidable=tuple(spec.gate.metric for spec in run.undecidable()),
        retrieval_unput=tuple(
            spec.gate.metric for spec in run.undecidable() if spec.gate.role == "primary"
        ),
        judge_usage=judge_usage(run.judge, os.environ) if run.variants else None,
        styles=answer_styles(run),
        refusals=refusals(run),
        disagreements=disagreements(run),
        remarks=remarks(run, gates, variants),
        rule_notes=rules,
    )


def _errors_of(run: Run) -> dict[str, tuple[str, ...]]:
    """Errors of arms by variant; the baseline's are everyone's."""
    found: dict[str, dict[str, None]] = {}
    for (variant, _), error in run.evaluation.errors.items():
        if variant != BASELINE:
            found.setdefault(variant, {})[error] = None
    return {variant: tuple(errors) for variant, errors in found.items()}


def below_floor(run: Run) -> dict[str, int]:
    """By variant: questions of the given suites whose accuracy is below their `question_floor`."""
    found: dict[str, int] = {}
    floors = [(s, s.question_floor) for s in run.suites.values() if s.path in run.given]
    for variant in run.variants:
        below = 0
        for suite, floor in floors:
            for example in suite.examples[: run.settings.limit] if floor is not None else ():
                value = run.evaluation.score(
                    (variant.name, suite.name), example.id, "accuracy"
                ).value
                below += value is not None and floor is not None and value < floor
        if below:
            found[variant.name] = below
    return found


def variant_facts(run: Run, name: str) -> VariantFacts:
    """What a report says about a variant, or about the baseline."""
    if run.exchanged and name in run.exchanged["variants"]:
        plain = run.exchanged["variants"][name]
        return VariantFacts(**(plain | {"notes": tuple(plain["notes"])}))
    if name == BASELINE and run.saved is not None:
        return replace(
            run.saved.variant,
            name=BASELINE,
            role="baseline",
            spec=f"saved:{run.saved.name}",
            computed=0,
        )
    generators = {s: g for (n, s), g in run.generators.items() if n == name}
    answers = [a for s in generators for a in run.evaluation.answers[name, s].values()]
    dropped = sum(answer.passages_dropped > 0 for answer in answers)
    thoughts = [len(answer.reasoning.split()) for answer in answers if answer.reasoning]
    notes = dict.fromkeys(note for generator in generators.values() for note in generator.notes)
    if dropped:
        notes[f"passages were dropped from {dropped} prompts, which exceeded its window"] = None
    notes |= dict.fromkeys(elsewhere(run.evaluation.answers, name, generators))
    return VariantFacts(
        name=name,
        spec=_spec(run, name),
        role="baseline" if name == BASELINE else "variant",
        fingerprint=next((g.fingerprint for g in generators.values()), ""),
        notes=tuple(notes),
        answers=len(answers),
        computed=sum(run.evaluation.computed[name, s] for s in generators),
        cut=sum(answer.finish == "length" for answer in answers),
        reasoned=len(thoughts),
        reasoning_words=sum(thoughts) / len(thoughts) if thoughts else 0.0,
        cut_thinking=sum(answer.reasoning_cut for answer in answers),
    )


def exchange(run: Run) -> dict[str, Any]:
    """What other processes of the run need to read its items, as JSON-able values."""
    variants = {name: asdict(variant_facts(run, name)) for name in _shown(run)}
    without_corpus = [suite.name for suite in run.suites.values() if not suite.passages]
    return run.evaluation.to_plain(texts_of=without_corpus) | {"variants": variants}


def _shown(run: Run) -> list[str]:
    names = [variant.name for variant in run.variants]
    return [BASELINE, *names] if run.settings.gated else names


def _spec(run: Run, name: str) -> str:
    if name == BASELINE:
        return run.settings.baseline or "the adapter's own base"
    return next(variant.spec for variant in run.variants if variant.name == name)


def suite_facts(run: Run, suite: Suite) -> SuiteFacts:
    """What a report says about a suite."""
    examples = suite.examples[: run.settings.limit]
    retriever, retriever_notes = _retriever(run, suite)
    return SuiteFacts(
        name=suite.name,
        path=str(suite.path),
        fingerprint=suite.fingerprint,
        questions=len(examples),
        unanswerable=sum(not example.answerable for example in examples),
        documents=len({suite.cluster_of(example) for example in examples}),
        passages=len(suite.passages),
        unclustered=sum(suite.cluster_of(e).scope == "question" for e in examples),
        retriever=retriever,
        retrieval=_retrieval(run, suite, examples),
        notes=(*retriever_notes, *run.evaluation.notes[suite.name]),
    )


def _retriever(run: Run, suite: Suite) -> tuple[str, tuple[str, ...]]:
    """Description and notes; over a saved baseline's passages, a report needs no retriever.

    Nor does it need the package of one, or one's own to be sound.
    """
    try:
        retriever = run.evaluator.open_retriever(suite)
        return retriever.description, retriever.notes
    except Exception:
        if run.saved is None:
            raise
        return "", ()


def _retrieval(run: Run, suite: Suite, examples: Sequence[QAExample]) -> Mapping[str, float]:
    if suite.name not in run.retrieval:
        hits = run.evaluation.hits.get(suite.name, {})
        ranked = [hits.get(example.id, ()) for example in examples]
        texts = run.evaluation.texts.get(suite.name, suite.passages)
        sources = sources_of((hit for found in ranked for hit in found), texts)
        metrics = mean_metrics(examples, ranked, suite.retrieval.k, sources)
        if not hits:
            return metrics
        run.retrieval[suite.name] = metrics
    return run.retrieval[suite.name]
