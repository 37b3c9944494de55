"""Intervals clustered by question: whole questions are drawn again, with all their answers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pytest_ragft.stats.association import Statistic
from pytest_ragft.stats.clusters import Codes

REPEATS = 1_000
LEVEL = 0.95
_LEAST_DEFINED = 0.95


def cluster_intervals(
    statistics: Mapping[str, Statistic],
    codes: Codes,
    rng: np.random.Generator,
    *,
    repeats: int = REPEATS,
) -> dict[str, tuple[float, float] | None]:
    """Percentile bootstrap over clusters, two-sided 95 %, of several statistics at once.

    Args:
        statistics: Of the rows' weights.
        codes: Cluster of each row, shape [n], integers from 0 without gaps.
        rng: What draws.
        repeats: Number of draws.

    Returns:
        Bounds by name. None where there is none: fewer than 2 clusters, more than 5 % of the draws
        without a value, or the same value in all of them, of which a width of zero would make a
        certainty.

    Source:
        Efron and Tibshirani (1993), with clusters as the units that are drawn.
    """
    groups = int(codes.max()) + 1 if codes.size else 0
    if groups < 2:
        return dict.fromkeys(statistics)
    found: dict[str, list[float]] = {name: [] for name in statistics}
    for _ in range(repeats):
        drawn = np.bincount(rng.integers(groups, size=groups), minlength=groups)
        weights = drawn.astype(np.float64)[codes]
        for name, statistic in statistics.items():
            if (value := statistic(weights)) is not None:
                found[name].append(value)
    return {name: _interval(values, repeats) for name, values in found.items()}


def _interval(values: list[float], repeats: int) -> tuple[float, float] | None:
    if len(values) < _LEAST_DEFINED * repeats or max(values) - min(values) < 1e-12:
        return None
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
