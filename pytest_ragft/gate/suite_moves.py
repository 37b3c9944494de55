"""What each suite gained or lost in each metric, as far as a run's gates tell. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_ragft.records import GateResult, RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteMove:
    """A variant's means on one suite beside the baseline's."""

    suite: str
    metric: str
    baseline: float
    variant: float
    difference: float
    n: int
    gate: GateResult | None
    """The gate on this suite alone, which has bounds; None where only a pooled one looks at it."""


def suite_moves(run: RunResult, variant: str) -> tuple[SuiteMove, ...]:
    """One for each metric and suite that a gate over all questions tells about.

    In the order of the run. By the suite's own gate where there is one, else by its part of a
    pooled gate, which no bounds belong to.
    """
    gates = [g for g in run.gates if g.variant == variant and g.gate.where is None]
    found = (
        _move(gates, metric, suite)
        for metric in dict.fromkeys(g.gate.metric for g in gates)
        for suite in dict.fromkeys(name for g in gates for name in g.suites)
    )
    return tuple(move for move in found if move is not None)


def worst_move(moves: Iterable[SuiteMove]) -> SuiteMove | None:
    """The largest drop; None where nothing fell."""
    fallen = [move for move in moves if move.difference < 0]
    return min(fallen, key=lambda move: move.difference, default=None)


def _move(gates: Iterable[GateResult], metric: str, suite: str) -> SuiteMove | None:
    about = [g for g in gates if g.gate.metric == metric and suite in g.suites]
    for own in about:
        before, after = own.baseline_mean, own.variant_mean
        if own.suites == (suite,) and before is not None and after is not None:
            return SuiteMove(
                suite=suite,
                metric=metric,
                baseline=before,
                variant=after,
                difference=own.verdict.estimate,
                n=own.verdict.n,
                gate=own,
            )
    for part in (stratum for g in about for stratum in g.strata):
        if part.name == f"suite {suite}":
            return SuiteMove(
                suite=suite,
                metric=metric,
                baseline=part.baseline,
                variant=part.variant,
                difference=part.variant - part.baseline,
                n=part.n,
                gate=None,
            )
    return None
