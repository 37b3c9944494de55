"""What retrieval adds, from scores of the same questions with and without it; pure.

No verdict rests on it. Questions that lack a score are left out and counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pytest_ragft.gate.pairs import pair_codes
from pytest_ragft.gate.strata import parts_of
from pytest_ragft.records import (
    Effect,
    Interval,
    KnowledgeEffect,
    PairedScore,
    PartEffect,
    WorstPart,
)
from pytest_ragft.stats.clusters import Codes, Floats
from pytest_ragft.stats.noninferiority import Bounds
from pytest_ragft.stats.simultaneous import (
    can_be_named,
    simultaneous_bounds,
    two_sided_bounds,
    worst_part,
)

ALPHA = 0.05
"""Error rate of an interval, both sides together, and of the bounds of all parts together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A question with what is compared."""

    pair: PairedScore
    """Says where it belongs; its scores are not read."""
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The questions of one metric that have both values."""

    rows: Sequence[Row]
    missing: int = 0
    """Questions that the metric applies to and that lack one."""


def effects_of(
    variant: str, effect: Effect, by_metric: Mapping[str, Rows]
) -> tuple[tuple[KnowledgeEffect, ...], WorstPart | None]:
    """An effect in each metric, overall and by parts of the questions, and the worst part.

    Parts are the strata of gates that do not hold all questions, and each only once. Their bounds
    hold together over parts × metrics; one with fewer questions or documents than a veto takes is
    not called worst.

    Args:
        variant: whose effect it is.
        effect: which one; it decides the scale of the differences.
        by_metric: metrics without any row are left out.
    """
    scale = 2.0 if effect == "increment_difference" else 1.0
    found = {metric: of for metric, of in by_metric.items() if of.rows}
    parts = {(metric, name): rows for metric, of in found.items() for name, rows in _parts(of.rows)}
    arrays = {key: _arrays(rows) for key, rows in parts.items()}
    bounds, compared = simultaneous_bounds(arrays, alpha=ALPHA, scale=scale)
    level = ALPHA / max(compared, 1)
    named = {key: bounds[key] for key, part in arrays.items() if can_be_named(*part)}
    effects = []
    for metric, of in found.items():
        differences, codes = _arrays(of.rows)
        before, after = _means(of.rows)
        overall = two_sided_bounds(differences, codes, alpha=ALPHA, scale=scale)
        effects.append(
            KnowledgeEffect(
                variant=variant,
                metric=metric,
                effect=effect,
                before=before,
                after=after,
                interval=_interval(overall, ALPHA),
                missing=of.missing,
                parts=tuple(
                    _part(key[1], parts[key], _interval(bounds[key], level), key in named)
                    for key in parts
                    if key[0] == metric
                ),
            )
        )
    return tuple(effects), _worst(variant, effect, named, level, compared)


def _worst(
    variant: str,
    effect: Effect,
    named: Mapping[tuple[str, str], Bounds],
    level: float,
    compared: int,
) -> WorstPart | None:
    worst = worst_part(named)
    if worst is None:
        return None
    (metric, name), sure = worst
    return WorstPart(
        variant=variant,
        effect=effect,
        metric=metric,
        name=name,
        interval=_interval(named[metric, name], level),
        sure=sure,
        compared=compared,
    )


def _parts(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The strata that do not hold all rows; of those that hold the same ones, the first."""
    by_pair = {(row.pair.suite, row.pair.id): row for row in rows}
    found: dict[frozenset[tuple[str, str]], tuple[str, list[Row]]] = {}
    for name, part in parts_of([row.pair for row in rows]):
        ids = [(pair.suite, pair.id) for pair in part]
        if len(ids) < len(rows):
            found.setdefault(frozenset(ids), (name, [by_pair[each] for each in ids]))
    return list(found.values())


def _arrays(rows: Sequence[Row]) -> tuple[Floats, Codes]:
    values = np.array([row.after - row.before for row in rows], dtype=np.float64)
    return values, pair_codes([row.pair for row in rows])


def _means(rows: Sequence[Row]) -> tuple[float, float]:
    before = float(np.mean([row.before for row in rows]))
    return before, float(np.mean([row.after for row in rows]))


def _part(name: str, rows: Sequence[Row], interval: Interval, can_be_named: bool) -> PartEffect:
    before, after = _means(rows)
    return PartEffect(
        name=name, before=before, after=after, interval=interval, can_be_named=can_be_named
    )


def _interval(bounds: Bounds, alpha: float) -> Interval:
    return Interval(
        estimate=bounds.estimate,
        lower=bounds.lower,
        upper=bounds.upper,
        alpha=alpha,
        n=bounds.n,
        documents=bounds.clusters,
    )
