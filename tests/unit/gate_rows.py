"""Paired scores in one line each, and a gate over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_ragft.gate import evaluate_gate
from pytest_ragft.records import (
    ClusterScope,
    Comparison,
    Gate,
    GateResult,
    PairedScore,
    PairLabels,
    QuestionType,
    Score,
    Slope,
)

Value = float | str


def score(value: Value, metric: str = "accuracy") -> Score:
    """A number, or the name of a status."""
    if isinstance(value, str):
        return Score(metric=metric, value=None, status=value, reason="no")  # type: ignore[arg-type]
    return Score(metric=metric, value=value)


def pairs(
    values: Iterable[tuple[Value, Value]],
    *,
    suite: str = "papers",
    prefix: str = "q",
    documents: Sequence[str] | None = None,
    scope: ClusterScope = "pool",
    kind: QuestionType | None = None,
    answerable: bool = True,
    tags: tuple[str, ...] = (),
    retrieved: Sequence[bool | None] | None = None,
) -> list[PairedScore]:
    """Baseline's and variant's values; every question its own document by default."""
    return [
        PairedScore(
            suite=suite,
            id=f"{prefix}-{i:03}",
            cluster=documents[i] if documents else f"{suite}-{prefix}-{i:03}",
            cluster_scope=scope,
            baseline=score(baseline),
            variant=score(variant),
            relevant_retrieved=retrieved[i] if retrieved else None,
            answerable=answerable,
            type=kind,
            tags=tags,
        )
        for i, (baseline, variant) in enumerate(values)
    ]


def evaluate(
    rows: Sequence[PairedScore],
    *,
    limited: bool = False,
    guards: int = 1,
    variants: int = 1,
    pooled: bool = False,
    metric: str = "accuracy",
    labels: PairLabels | None = None,
    slope: Slope | None = None,
    **rule: Any,
) -> GateResult:
    comparison = Comparison(
        metric=metric,
        baseline="base",
        variant="ft-ckpt",
        suites=tuple(sorted({row.suite for row in rows})),
        pairs=tuple(rows),
        limited=limited,
    )
    gate = Gate(**{"metric": "accuracy", "role": "primary", **rule})
    return evaluate_gate(
        gate,
        comparison,
        node_id="a::gate",
        pooled=pooled,
        guards=guards,
        variants=variants,
        labels=labels,
        slope=slope,
    )


def labelled(
    rows: Sequence[PairedScore], labels: Mapping[int, tuple[float, float]], **rule: Any
) -> GateResult:
    """A gate whose pairs people labelled in part, by position."""
    known = {(rows[i].suite, rows[i].id): pair for i, pair in labels.items()}
    return evaluate(rows, labels=PairLabels(metric="accuracy", pairs=known), **rule)


def found(result: GateResult) -> tuple[str, str, bool]:
    return result.verdict.outcome, result.verdict.reason, result.blocks


TIE: tuple[Value, Value] = (0.5, 0.5)
LOST: tuple[Value, Value] = (1.0, 0.0)
NO_VARIANT: tuple[Value, Value] = (1.0, "missing")
UNANSWERABLE: tuple[Value, Value] = ("not_applicable", "not_applicable")

PASSING = [TIE] * 200
REGRESSED = [TIE] * 100 + [LOST] * 40
WORSE = [TIE] * 96 + [LOST] * 4
UNDERPOWERED = [(0.5, 0.0), (0.5, 1.0)] * 50
