"""What testcases show in JUnit: properties, as pairs of plain strings, and output. Pure.

Numbers are ASCII with nine significant digits. Where there is none, the value is ``missing`` or
``not_applicable``, and a property with the suffix ``.reason`` says why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from pytest_ragft.foreign import harmless
from pytest_ragft.numbers import count, exact, fixed, level, verdict_texts
from pytest_ragft.records import AnsweredCase, GateResult, Score, VariantFacts
from pytest_ragft.reporting.draws import draws_properties
from pytest_ragft.reporting.human_labels import correction_properties
from pytest_ragft.reporting.question import short_lines, worst_movers
from pytest_ragft.reporting.questions import Texts, cut_case
from pytest_ragft.reporting.text import clean

WORST = 3
"""Questions that a gate's output shows."""
_WIDTH = 100


def question_properties(
    baseline: Mapping[str, Score], variant: Mapping[str, Score]
) -> list[tuple[str, str]]:
    """``ragft.accuracy.baseline``, ``ragft.accuracy.variant`` and so on for one question.

    Args:
        baseline: scores by metric; empty where nothing is compared.
        variant: scores by metric.
    """
    pairs: list[tuple[str, str]] = []
    for metric in dict.fromkeys([*baseline, *variant]):
        for arm, scores in (("baseline", baseline), ("variant", variant)):
            if metric in scores:
                pairs += _score(f"ragft.{metric}.{arm}", scores[metric])
    return _shown(pairs)


def gate_properties(
    result: GateResult,
    *,
    variants: Sequence[VariantFacts] = (),
    suites: Mapping[str, str] | None = None,
    judge: str = "",
    rules: Sequence[str] = (),
) -> list[tuple[str, str]]:
    """All facts of a gate, with fingerprints of what it compared where these are given.

    Those of the suites by their names.

    They stand on the testcase because properties of the test suite are lost under pytest-xdist.
    """
    pairs = [
        *_rule(result),
        *_decision(result),
        *_means(result),
        *_outlook(result),
        *draws_properties(result),
        *correction_properties(result),
        *_identity(result, variants, suites or {}, judge),
        *([("ragft.rules.weaker", "; ".join(rules))] if rules else ()),
    ]
    return _shown(pairs)


def gate_output(result: GateResult, cases: Sequence[AnsweredCase], texts: Texts) -> str:
    """A gate's numbers and what got worse, as text: GitLab and Jenkins show no properties.

    Args:
        result: of the gate.
        cases: the questions that lost most, worst first; none for a gate on retrieval.
        texts: how much of questions and answers is in it.
    """
    verdict = result.verdict
    lower, estimate, upper = verdict_texts(verdict)
    lines = [
        f"baseline {fixed(result.baseline_mean)}, variant {fixed(result.variant_mean)}: "
        f"{estimate}, one-sided {level(verdict.alpha)} bounds {lower} and {upper}, margin "
        f"{exact(verdict.margin)}; {count(verdict.n, 'question')}, "
        f"{count(verdict.clusters, 'document')}"
    ]
    for case in cases:
        shown = short_lines(cut_case(case, texts), _WIDTH)
        lines += ["", *(line.text for line in (shown[:1] if texts == "none" else shown))]
    if not cases:
        lines += [
            f"{fixed(mover.baseline, 2)} → {fixed(mover.variant, 2)}  "
            f"{clean(f'{mover.suite}::{mover.id}')}"
            for mover in worst_movers(result)[:WORST]
        ]
    return "\n".join(harmless(line) for line in lines)


def _shown(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Some CI services print what they read."""
    return [(name, harmless(value)) for name, value in pairs]


def _score(name: str, score: Score) -> list[tuple[str, str]]:
    if score.value is not None:
        draws = score.evidence.get("draws")
        shown = draws if isinstance(draws, list) else []
        values = ["missing" if v is None else exact(v) for v in shown]
        each = [(f"{name}.draws", ",".join(values))] if values else []
        return [(name, exact(score.value)), *each]
    return _absent(name, score.status, score.reason)


def _absent(name: str, status: str, reason: str) -> list[tuple[str, str]]:
    return [(name, status), *([(f"{name}.reason", reason)] if reason else [])]


def _rule(result: GateResult) -> Iterable[tuple[str, str]]:
    gate, verdict = result.gate, result.verdict
    yield "ragft.metric", gate.metric
    yield "ragft.role", gate.role
    yield "ragft.pooled", _flag(result.pooled)
    yield "ragft.suites", ",".join(result.suites)
    yield "ragft.variant", result.variant
    yield "ragft.baseline", result.baseline
    yield "ragft.margin", exact(verdict.margin)
    yield "ragft.margin_is_default", _flag(gate.margin_is_default)
    yield "ragft.alpha", exact(verdict.alpha)
    yield "ragft.margin_scale", gate.margin_scale
    yield "ragft.regression_margin", exact(verdict.regression_margin)
    yield "ragft.looks", "1 (assumed)" if gate.looks is None else ",".join(map(str, gate.looks))
    yield "ragft.pool", str(result.pool)
    yield "ragft.shared_documents", str(result.shared_documents)
    if gate.name is not None:
        yield "ragft.slice", gate.name


def _decision(result: GateResult) -> Iterable[tuple[str, str]]:
    verdict = result.verdict
    yield "ragft.verdict", verdict.outcome
    yield "ragft.verdict.reason", verdict.reason
    yield "ragft.blocks", _flag(result.blocks)
    yield "ragft.explanation", result.explanation
    yield "ragft.difference", _number(verdict.estimate)
    yield "ragft.lower", _number(verdict.lower)
    yield "ragft.upper", _number(verdict.upper)
    yield "ragft.standard_error", _number(verdict.standard_error)
    yield "ragft.n", str(verdict.n)
    yield "ragft.clusters", str(verdict.clusters)
    yield "ragft.kish_clusters", _number(verdict.kish_clusters)
    yield "ragft.design_effect", _number(verdict.design_effect)
    yield "ragft.independent", _number(verdict.independent)
    yield "ragft.questions_needed", str(verdict.questions_needed)


def _means(result: GateResult) -> Iterable[tuple[str, str]]:
    arms = (("baseline", result.baseline_mean), ("variant", result.variant_mean))
    for arm, mean in arms:
        name = f"ragft.mean.{arm}"
        if mean is None:
            yield from _absent(name, "missing", "no question has both scores")
        else:
            yield name, _number(mean)
    yield "ragft.missing.baseline", str(result.baseline_missing)
    yield "ragft.missing.variant", str(result.variant_missing)
    yield "ragft.not_applicable", str(result.not_applicable)
    for side, position in (("lower", 0), ("upper", 1)):
        name = f"ragft.worst_case.{side}"
        if result.worst_case is None:
            yield from _absent(name, "not_applicable", "no score is missing")
        else:
            yield name, _number(result.worst_case[position])


def _outlook(result: GateResult) -> Iterable[tuple[str, str]]:
    yield "ragft.pass_unchanged", exact(result.pass_unchanged)
    yield from _drop("ragft.blocked_drop", result.blocked_drop, "nothing can pass here")
    yield from _drop("ragft.vetoed_drop", result.vetoed_drop, "no drop is vetoed with 80 % power")
    if result.questions_to_decide is None:
        reason = "it is decided, or more questions would not help"
        yield from _absent("ragft.questions_to_decide", "not_applicable", reason)
    else:
        yield "ragft.questions_to_decide", str(result.questions_to_decide)
    yield "ragft.severe.share", _number(result.severe_share)
    yield "ragft.severe.upper", _number(result.severe_upper)
    yield "ragft.severe.alpha", exact(result.severe_alpha)


def _drop(name: str, drop: float | None, reason: str) -> Iterable[tuple[str, str]]:
    return _absent(name, "not_applicable", reason) if drop is None else [(name, _number(drop))]


def _identity(
    result: GateResult, variants: Sequence[VariantFacts], suites: Mapping[str, str], judge: str
) -> Iterable[tuple[str, str]]:
    for arm, name in (("baseline", result.baseline), ("variant", result.variant)):
        for facts in variants:
            if facts.name == name:
                yield f"ragft.fingerprint.{arm}", facts.fingerprint
    for name in result.suites:
        if name in suites:
            yield f"ragft.fingerprint.suite.{name}", suites[name]
    if judge:
        yield "ragft.judge", judge


def _number(value: float) -> str:
    return exact(value) if math.isfinite(value) else "missing"


def _flag(value: bool) -> str:
    return "true" if value else "false"
