"""Paired scores to differences: which pairs count, and what a missing score may hide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pytest_ragft.records import Comparison, Gate, PairedScore
from pytest_ragft.stats.clusters import Codes, checked_values
from pytest_ragft.stats.noninferiority import Bounds, mean_bounds


def applicable_pairs(gate: Gate, comparison: Comparison) -> list[PairedScore]:
    """The pairs that the metric applies to, with or without scores.

    Whether a metric applies is a property of the question. So one side that says not applicable
    speaks for a missing other side, and contradicts a scored one.

    Raises:
        ValueError: Another metric than the gate's, a question that comes twice or has no cluster,
            or a metric that applies to one answer of a question and not to the other.
    """
    seen: set[tuple[str, str]] = set()
    pairs = []
    for pair in comparison.pairs:
        where = f"question {pair.id!r} of suite {pair.suite!r}"
        metrics = {gate.metric, comparison.metric, pair.baseline.metric, pair.variant.metric}
        if len(metrics) > 1:
            raise ValueError(f"{where}: scores of different metrics: {sorted(metrics)!r}")
        if (pair.suite, pair.id) in seen:
            raise ValueError(f"{where} comes twice; ids are unique within a suite")
        if not pair.cluster:
            raise ValueError(f"{where} has no cluster; a question without document is its own")
        seen.add((pair.suite, pair.id))
        statuses = {pair.baseline.status, pair.variant.status}
        if statuses == {"not_applicable", "scored"}:
            raise ValueError(
                f"{where}: {gate.metric!r} applies to one answer and not to the other; "
                f"whether it applies depends on the question alone"
            )
        if "not_applicable" not in statuses:
            pairs.append(pair)
    return pairs


def in_slice(gate: Gate, comparison: Comparison) -> Comparison:
    """The part of a comparison that a gate is put to."""
    where = gate.where
    if where is None:
        return comparison
    kept = [p for p in comparison.pairs if where.holds_for(p, hit=p.relevant_retrieved)]
    return replace(comparison, pairs=tuple(kept))


def is_complete(pair: PairedScore) -> bool:
    """Whether both answers are scored."""
    return pair.baseline.value is not None and pair.variant.value is not None


def difference(pair: PairedScore, scale: float) -> float:
    """Variant minus baseline, and the lowest that it can be where a score is missing."""
    baseline = scale if pair.baseline.value is None else pair.baseline.value
    variant = 0.0 if pair.variant.value is None else pair.variant.value
    return variant - baseline


def pair_bounds(pairs: Sequence[PairedScore], *, alpha: float, scale: float) -> Bounds:
    """Bounds over pairs; the questions on one document are a cluster.

    Raises:
        ValueError: A difference beyond the scale.
    """
    values = checked_values(
        [difference(pair, scale) for pair in pairs], name="differences", limit=scale
    )
    return mean_bounds(values, pair_codes(pairs), alpha=alpha, scale=scale)


def pair_codes(pairs: Sequence[PairedScore]) -> Codes:
    """Codes from 0 of the documents, shape [n]."""
    known: dict[tuple[str, ...], int] = {}
    codes = [known.setdefault(pair.document, len(known)) for pair in pairs]
    return np.array(codes, dtype=np.intp)
