"""Suites by variants: what each gained or lost in each metric, in one matrix a metric. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pytest_ragft.gate.suite_moves import SuiteMove, suite_moves, worst_move
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.conclusion import variant_names

TRAINED = "trained on"
UNTRAINED = "named in no training data"


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
    trained: frozenset[tuple[str, str]]
    """Suites and variants that were trained on them, as far as is known."""

    @property
    def parts(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The suites in one part without a title, or those without any training data apart.

        A loss in these is a side effect. Nothing is said where no variant names what taught it.
        """
        if not self.trained:
            return (("", tuple(self.rows)),)
        taught = {suite for suite, _ in self.trained}
        named = tuple(suite for suite in self.rows if suite in taught)
        others = tuple(suite for suite in self.rows if suite not in taught)
        return tuple(part for part in ((TRAINED, named), (UNTRAINED, others)) if part[1])


def suite_matrices(
    run: RunResult, trained: Mapping[str, Collection[str]] | None = None
) -> tuple[SuiteMatrix, ...]:
    """One a metric, with the largest drop of all marked in one of them.

    Args:
        run: Whose gates tell.
        trained: Names of the suites that each variant was trained on; None for what the variants
            say themselves.
    """
    if trained is None:
        trained = {facts.name: facts.trained_on for facts in run.variants}
    moves = {name: suite_moves(run, name) for name in variant_names(run)}
    every = [move for of in moves.values() for move in of]
    worst = worst_move(every)
    return tuple(
        _matrix(metric, moves, worst, trained)
        for metric in dict.fromkeys(move.metric for move in every)
    )


def _matrix(
    metric: str,
    moves: Mapping[str, tuple[SuiteMove, ...]],
    worst: SuiteMove | None,
    trained: Mapping[str, Collection[str]],
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
        trained=frozenset(
            (suite, name)
            for suite, row in rows.items()
            for name in row
            if suite in trained.get(name, ())
        ),
    )
