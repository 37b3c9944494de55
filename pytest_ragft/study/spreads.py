"""How far trainings are apart that differ in their seed alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from pytest_ragft.records import Interval
from pytest_ragft.stats.clusters import cluster_codes
from pytest_ragft.stats.seeds import LEAST_SEEDS, SeedEffect, seed_effect
from pytest_ragft.study.records import BaseResult, CellResult, SeedSpread

_ALPHA = 0.05


def spreads(cells: Sequence[CellResult], bases: Sequence[BaseResult]) -> tuple[SeedSpread, ...]:
    """One for each recipe with several seeds and each metric, in the order of the cells.

    It is over the questions that all of a recipe's cells have a difference for; where there is
    none, or one cell lacks the metric, nothing is said.

    Args:
        cells: as measured.
        bases: theirs among them; they say which questions are not independent of each other.
    """
    clusters = {(of.data, of.base): of.clusters for of in bases}
    arms: dict[str, list[CellResult]] = {}
    for of in cells:
        arms.setdefault(of.cell.arm, []).append(of)
    return tuple(
        spread
        for of in arms.values()
        if len(of) > 1
        for spread in _by_metric(of, clusters[of[0].cell.data, of[0].cell.base])
    )


def _by_metric(cells: Sequence[CellResult], clusters: Mapping[str, str]) -> Iterator[SeedSpread]:
    for metric in cells[0].differences:
        rows = [of.differences.get(metric, {}) for of in cells]
        shared = [which for which in rows[0] if all(which in row for row in rows)]
        if shared:
            yield _spread(cells, metric, shared, clusters)


def _spread(
    cells: Sequence[CellResult], metric: str, shared: Sequence[str], clusters: Mapping[str, str]
) -> SeedSpread:
    values = np.array([[of.differences[metric][which] for which in shared] for of in cells])
    means = values.mean(axis=1)
    effect = None
    if len(cells) >= LEAST_SEEDS:
        documents = [clusters[which] for which in shared]
        effect = seed_effect(values, cluster_codes(documents, len(shared)), alpha=_ALPHA)
    return SeedSpread(
        arm=cells[0].cell.arm,
        cells=tuple(of.cell.name for of in cells),
        metric=metric,
        n=len(shared),
        lowest=float(means.min()),
        highest=float(means.max()),
        mean=float(means.mean()),
        between=None if effect is None else effect.between,
        interval=None if effect is None else _interval(effect, effect.lower, effect.upper),
        further=(
            None
            if effect is None
            else _interval(effect, effect.further_lower, effect.further_upper)
        ),
    )


def _interval(effect: SeedEffect, lower: float, upper: float) -> Interval:
    return Interval(
        estimate=effect.questions.estimate,
        lower=lower,
        upper=upper,
        alpha=_ALPHA,
        n=effect.questions.n,
        documents=effect.questions.clusters,
    )
