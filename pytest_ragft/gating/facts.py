"""What a report says about variants and suites beside their verdicts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from pytest_ragft.evaluation.codec import variant_from
from pytest_ragft.gating.answer_differences import COMPUTED_ELSEWHERE, elsewhere
from pytest_ragft.gating.endpoint_usage import endpoint_usage
from pytest_ragft.gating.environment import GENERATION_PRICES
from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.generation.adapter import UNVERIFIED as BASE_UNVERIFIED
from pytest_ragft.generation.adapter import taught_by
from pytest_ragft.generation.served import UNVERIFIED as SERVED_UNVERIFIED
from pytest_ragft.generation.served import usages
from pytest_ragft.models.files import user_path
from pytest_ragft.records import BASELINE, QAExample, SuiteFacts, VariantFacts
from pytest_ragft.retrieval.elastic.snapshot import UNVERIFIED as INDEX_UNVERIFIED
from pytest_ragft.retrieval.metrics import mean_metrics
from pytest_ragft.suite import Suite

# What notes begin with that say that an identity or the computer is in doubt.
_DOUBTS = (BASE_UNVERIFIED, SERVED_UNVERIFIED, INDEX_UNVERIFIED, COMPUTED_ELSEWHERE)


def variant_facts(run: GatingRun, name: str) -> VariantFacts:
    """What a report says about a variant, or about the baseline."""
    if run.handed_over and name in run.handed_over["variants"]:
        plain = run.handed_over["variants"][name]
        return variant_from(plain)
    if name == BASELINE and run.services.saved is not None:
        return replace(
            run.services.saved.variant,
            name=BASELINE,
            role="baseline",
            spec=f"saved:{run.services.saved.name}",
            computed=0,
        )
    generators = {s: g for (n, s), g in run.services.generators.items() if n == name}
    arms = [(arm, suite) for arm in (name, BASELINE) for suite in generators]
    given = {arm: run.evaluation.every_answer(arm) for arm in arms}
    answers = [answer for suite in generators for answer in given[name, suite].values()]
    dropped = sum(answer.passages_dropped > 0 for answer in answers)
    thoughts = [len(answer.reasoning.split()) for answer in answers if answer.reasoning]
    notes = dict.fromkeys(note for generator in generators.values() for note in generator.notes)
    if dropped:
        notes[f"passages were dropped from {dropped} prompts, which exceeded its window"] = None
    notes |= dict.fromkeys(elsewhere(given, name, generators))
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
        filtered=sum(answer.finish == "content_filter" for answer in answers),
        usage=endpoint_usage(usages(generators.values()), os.environ, GENERATION_PRICES),
        trained_on=() if name == BASELINE else taught_by(user_path(_spec(run, name))),
    )


def _spec(run: GatingRun, name: str) -> str:
    if name == BASELINE:
        return run.plan.settings.baseline or "the adapter's own base"
    return next(variant.spec for variant in run.plan.variants if variant.name == name)


def suite_facts(run: GatingRun, suite: Suite) -> SuiteFacts:
    """What a report says about a suite."""
    examples = suite.examples[: run.plan.settings.limit]
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


def _retriever(run: GatingRun, suite: Suite) -> tuple[str, tuple[str, ...]]:
    """Description and notes; over a saved baseline's passages, a report needs no retriever.

    Nor does it need the package of one, or one's own to be sound.
    """
    try:
        retriever = run.services.retriever(suite)
        return retriever.description, retriever.notes
    except Exception:
        if run.services.saved is None:
            raise
        return "", ()


def _retrieval(run: GatingRun, suite: Suite, examples: Sequence[QAExample]) -> Mapping[str, float]:
    if suite.name not in run.retrieval:
        hits = run.evaluation.hits.get(suite.name, {})
        ranked = [hits.get(example.id, ()) for example in examples]
        sources = run.evaluation.sources.get(suite.name)
        metrics = mean_metrics(examples, ranked, suite.retrieval.k, sources)
        if not hits:
            return metrics
        run.retrieval[suite.name] = metrics
    return run.retrieval[suite.name]


def shown_arms(plan: Plan) -> list[str]:
    """The arms that a report tells about: the baseline, where there is one, and each variant."""
    names = [variant.name for variant in plan.variants]
    return [BASELINE, *names] if plan.settings.gated else names


def strict_errors(
    variants: Iterable[VariantFacts], suites: Iterable[SuiteFacts], rules: Iterable[str]
) -> list[str]:
    """Why a strict run is not green, one sentence each; empty where nothing is in doubt."""
    facts: list[VariantFacts | SuiteFacts] = [*variants, *suites]
    doubts = [(of.name, note) for of in facts for note in of.notes if note.startswith(_DOUBTS)]
    return [f"--ragft-strict: {line}" for line in (*rules, *(f"{n}: {x}" for n, x in doubts))]


def handover(run: GatingRun) -> dict[str, Any]:
    """What other processes of the run need to read its items, as JSON-able values."""
    variants = {name: asdict(variant_facts(run, name)) for name in shown_arms(run.plan)}
    without_corpus = [suite.name for suite in run.plan.suites.values() if not suite.passages]
    return run.evaluation.to_plain(texts_of=without_corpus) | {"variants": variants}
