"""What the gates of a plan can decide, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pytest_ragft.errors import SuiteError
from pytest_ragft.gate.forecast import (
    Forecast,
    Rule,
    Spread,
    forecast,
    kish_clusters,
    look_forecasts,
    questions_to_pass,
)
from pytest_ragft.gate.levels import Level, level_of
from pytest_ragft.gating.gates import GateSpec
from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.spreads import Spreads
from pytest_ragft.records import Gate, QAExample, Role
from pytest_ragft.stats.clusters import Codes
from pytest_ragft.stats.multiplicity import guard_level, shared_alpha
from pytest_ragft.stats.planning import documents_like
from pytest_ragft.stats.spending import look_levels
from pytest_ragft.suite import Suite, applies

SEED = 2026
"""What is drawn with: the same plan says the same twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookForecast:
    """One of the announced looks."""

    questions: int
    alpha: float
    """At which it decides."""
    passes: float
    """Probability that an unchanged variant has passed by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateForecast:
    """What a gate can decide over the suites as they are."""

    path: str
    name: str
    """After ``gate-``."""
    metric: str
    role: Role
    suites: tuple[str, ...]
    pooled: bool
    margin: float
    """Fraction of the scale."""
    margin_is_default: bool
    alpha: float
    """At which it decides."""
    questions: int
    """That its metric applies to."""
    documents: int
    kish_documents: float
    needed: int
    """n₀: independent questions without which nothing can PASS."""
    changed: float
    """Share of the questions that are taken to have another score."""
    deviation: float
    """Standard deviation of a question's difference."""
    within: float
    """Correlation of differences within a document."""
    source: str
    """Where these are known from."""
    worth: Forecast
    questions_to_pass: int | None
    """About how many let an unchanged variant PASS with 80 %; None where no practical number."""
    documents_to_pass: int | None
    """That these come in."""
    looks: tuple[LookForecast, ...] = ()
    refused: str = ""
    """Why a run would not put the gate to anything; empty where it would."""
    note: str = ""


def forecast_gates(plan: Plan, spreads: Spreads, variants: int = 1) -> tuple[GateForecast, ...]:
    """What every gate on answers can decide, the pooled ones first.

    Args:
        plan: of the suites.
        spreads: know how scores differ.
        variants: that are to be tried; they share alpha where the best one is to be chosen.
    """
    known: dict[tuple[Spread, bytes, Rule], tuple[Forecast, int | None]] = {}
    return tuple(
        _forecast(spec, [plan.suites[name] for name in spec.suites], spreads, variants, known)
        for spec in plan.specs
        if not spec.retrieval
    )


def _forecast(
    spec: GateSpec,
    suites: Sequence[Suite],
    spreads: Spreads,
    variants: int,
    worths: dict[tuple[Spread, bytes, Rule], tuple[Forecast, int | None]],
) -> GateForecast:
    gate = spec.gate
    pool = [(s, e) for s in suites for e in s.examples if _in_slice(gate, e)]
    judged = [(s, e) for s, e in pool if applies(gate.metric, e)]
    codes = _codes(judged)
    sizes = np.bincount(codes).tolist() if codes.size else [1]
    level, refused = _level(spec, len(pool), variants)
    rule = Rule(margin=gate.margin * gate.scale, alpha=level.alpha, scale=gate.scale)
    known = spreads.of(gate)
    # Two metrics over the same questions are often taken to spread alike.
    same = (known.spread, codes.tobytes(), rule)
    if same not in worths:
        rng = np.random.default_rng(SEED)
        worths[same] = (
            forecast(known.spread, codes, rule, rng),
            questions_to_pass(known.spread, sizes, rule, rng),
        )
    worth, needed = worths[same]
    return GateForecast(
        path=str(spec.path),
        name=gate.label,
        metric=gate.metric,
        role=gate.role,
        suites=spec.suites,
        pooled=spec.pooled,
        margin=gate.margin,
        margin_is_default=gate.margin_is_default,
        alpha=level.alpha,
        questions=len(judged),
        documents=len(sizes) if judged else 0,
        kish_documents=kish_clusters(codes),
        needed=rule.needed,
        changed=known.spread.changed,
        deviation=known.spread.variance**0.5,
        within=known.spread.within,
        source=known.source,
        worth=worth,
        questions_to_pass=needed,
        documents_to_pass=None if needed is None else documents_like(sizes, needed),
        looks=_looks(spec, known.spread, sizes, rule, variants),
        refused=refused,
        note=_note(gate),
    )


def _in_slice(gate: Gate, example: QAExample) -> bool:
    """Whether a question may be in it: which are hit is known later, and all are counted."""
    return gate.where is None or gate.where.holds_for(example, hit=gate.where.hit)


def _codes(judged: Iterable[tuple[Suite, QAExample]]) -> Codes:
    known: dict[tuple[str, ...], int] = {}
    codes = [
        known.setdefault(suite.cluster_of(example).key(suite.name), len(known))
        for suite, example in judged
    ]
    return np.array(codes, dtype=np.intp)


def _alpha(spec: GateSpec, variants: int) -> float:
    if spec.gate.role == "guard":
        return guard_level(spec.gate.alpha, spec.guards)
    return shared_alpha(spec.gate.alpha, tests=variants if spec.select_best else 1)


def _level(spec: GateSpec, size: int, variants: int) -> tuple[Level, str]:
    """The level that a run would decide at, and why it would not."""
    chosen = variants if spec.select_best else 1
    try:
        level = level_of(spec.gate, guards=spec.guards, variants=chosen, size=size)
    except SuiteError as error:
        return level_of(spec.gate, guards=spec.guards, variants=chosen, size=None), str(error)
    past = "all announced looks are over, and nothing passes any more" if level.past else ""
    return level, past


def _looks(
    spec: GateSpec,
    spread: Spread,
    sizes: Sequence[int],
    rule: Rule,
    variants: int,
) -> tuple[LookForecast, ...]:
    looks = spec.gate.looks
    if not looks:
        return ()
    levels = look_levels(_alpha(spec, variants), looks)
    rng = np.random.default_rng(SEED)
    passed = look_forecasts(spread, looks, levels, sizes, rule, rng)
    return tuple(
        LookForecast(questions=size, alpha=alpha, passes=share)
        for size, alpha, share in zip(looks, levels, passed, strict=True)
    )


def _note(gate: Gate) -> str:
    if gate.margin_scale == "people":
        return "its margin is one in people's units, and is planned as if the judge were people"
    if gate.where is not None and gate.where.hit is not None:
        return "which questions are hit is known later; all are counted"
    return ""
