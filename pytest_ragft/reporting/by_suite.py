"""What each suite gained or lost in each metric, as far as a run's gates tell. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pytest_ragft.records import GateResult, RunResult
from pytest_ragft.reporting.conclusion import variant_names


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteMatrix:
    """Suites by variants in one metric."""

    metric: str
    variants: tuple[str, ...]
    """Those that a gate on the metric was put to."""
    rows: Mapping[str, Mapping[str, SuiteMove]]
    """By suite, then by variant; what no gate tells about is not there."""
    worst: tuple[str, str] | None
    """Suite and variant of the largest drop of all matrices of the run, where it is in this one."""


def suite_matrices(run: RunResult) -> tuple[SuiteMatrix, ...]:
    """One a metric, with the largest drop of all marked in one of them.

    Rows stand in the order of the run, so that whoever knows which suites were trained on can put
    the others apart.
    """
    moves = {name: suite_moves(run, name) for name in variant_names(run)}
    every = [move for of in moves.values() for move in of]
    worst = worst_move(every)
    return tuple(
        _matrix(metric, moves, worst) for metric in dict.fromkeys(move.metric for move in every)
    )


def _matrix(
    metric: str, moves: Mapping[str, tuple[SuiteMove, ...]], worst: SuiteMove | None
) -> SuiteMatrix:
    rows: dict[str, dict[str, SuiteMove]] = {}
    marked = None
    for variant, of in moves.items():
        for move in of:
            if move.metric == metric:
                rows.setdefault(move.suite, {})[variant] = move
                marked = (move.suite, variant) if move is worst else marked
    told = {variant for row in rows.values() for variant in row}
    return SuiteMatrix(
        metric=metric,
        variants=tuple(variant for variant in moves if variant in told),
        rows=rows,
        worst=marked,
    )


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
