"""Suites by variants: what each gained or lost in each metric, in one matrix a metric. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_ragft.gate.suite_moves import SuiteMove, suite_moves, worst_move
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.conclusion import variant_names


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
