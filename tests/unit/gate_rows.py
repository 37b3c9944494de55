"""Paired scores in one line each, and a gate over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pytest_ragft.gate import evaluate_gate
from pytest_ragft.records import Comparison, Gate, GateResult, PairedScore, Score

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
    documents: Sequence[str] | None = None,
    retrieved: Sequence[bool | None] | None = None,
) -> list[PairedScore]:
    """Baseline's and variant's values; every question its own document by default."""
    return [
        PairedScore(
            suite=suite,
            id=f"q-{i:03}",
            cluster=documents[i] if documents else f"doc-{i:03}",
            baseline=score(baseline),
            variant=score(variant),
            relevant_retrieved=retrieved[i] if retrieved else None,
        )
        for i, (baseline, variant) in enumerate(values)
    ]


def evaluate(
    rows: Sequence[PairedScore],
    *,
    limited: bool = False,
    guards: int = 1,
    pooled: bool = False,
    metric: str = "accuracy",
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
    return evaluate_gate(gate, comparison, node_id="a::gate", pooled=pooled, guards=guards)


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
