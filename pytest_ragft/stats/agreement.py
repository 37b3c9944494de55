"""Agreement of raters, and of a judge's scores with people's labels, with intervals.

What is named ``…_of`` takes the data once and returns a statistic of the rows' weights, such as the
number of times that each was drawn: weighted, so that resampling is cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_ragft.stats.clusters import Codes, Floats, checked_values

Level = Literal["nominal", "ordinal", "interval"]
Statistic = Callable[[Floats], float | None]
"""Weights of the rows, shape [n], to a number; None where it is undefined."""

REPEATS = 1_000
LEVEL = 0.95
_LEAST_DEFINED = 0.95
_TINY = 1e-12


def agreement_of(first: ArrayLike, second: ArrayLike) -> Statistic:
    """Share of rows with equal labels."""
    same = np.equal(first, second).astype(np.float64)
    return lambda weights: float((weights * same).sum() / weights.sum())


def kappa_of(first: ArrayLike, second: ArrayLike) -> Statistic:
    """Cohen's kappa of two raters over the same rows, unweighted by category.

    At most 1; undefined without rows, and where both gave one and the same label throughout.

    Args:
        first: Labels of one rater, shape [n].
        second: Labels of the other, shape [n].

    Raises:
        ValueError: Shapes that differ.

    Source:
        Cohen (1960).
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"expected two rows of labels of one length, got {a.shape!r}, {b.shape!r}")
    same = (a == b).astype(np.float64)
    labels: NDArray[Any] = np.unique(np.concatenate([a, b]))
    # The first label's share is what the others leave.
    held = [((a == of).astype(np.float64), (b == of).astype(np.float64)) for of in labels[1:]]

    def kappa(weights: Floats) -> float | None:
        total = weights.sum()
        if not total:
            return None

        def share(rows: Floats) -> float:
            return float((weights * rows).sum() / total)

        shares = [(share(x), share(y)) for x, y in held]
        shares.append((1 - sum(p for p, _ in shares), 1 - sum(q for _, q in shares)))
        chance = sum(p * q for p, q in shares)
        return None if 1 - chance < _TINY else (share(same) - chance) / (1 - chance)

    return kappa


def pearson_of(first: ArrayLike, second: ArrayLike) -> Statistic:
    """Pearson's correlation; None where a row is constant."""
    x, y = _row(first), _row(second)
    return lambda weights: _correlation(x, y, weights)


def spearman_of(first: ArrayLike, second: ArrayLike) -> Statistic:
    """Spearman's rank correlation, ties at their middle rank; None where a row is constant."""
    codes = [np.unique(_row(values), return_inverse=True)[1] for values in (first, second)]

    def spearman(weights: Floats) -> float | None:
        ranks = []
        for code in codes:
            sizes = np.bincount(code, weights=weights)
            ranks.append((np.cumsum(sizes) - sizes / 2)[code])
        return _correlation(ranks[0], ranks[1], weights)

    return spearman


def auc_of(scores: ArrayLike, positive: ArrayLike) -> Statistic:
    """Probability that a positive row scores above a negative one, ties half; None for one class.

    Source:
        The area under the ROC curve as Mann and Whitney's U (Hanley and McNeil 1982).
    """
    code = np.unique(_row(scores), return_inverse=True)[1]
    is_positive = np.asarray(positive, dtype=bool).astype(np.float64)

    def auc(weights: Floats) -> float | None:
        yes = np.bincount(code, weights=weights * is_positive)
        no = np.bincount(code, weights=weights * (1 - is_positive))
        pairs = float(yes.sum() * no.sum())
        if pairs == 0.0:
            return None
        below = np.cumsum(no) - no / 2
        return float((yes * below).sum()) / pairs

    return auc


def krippendorff_alpha(ratings: ArrayLike, *, level: Level) -> float | None:
    """Krippendorff's alpha: 1 for perfect agreement, 0 for agreement by chance.

    Args:
        ratings: Numbers, shape [raters, units]; NaN where a rater gave none.
        level: What differs more: ``nominal`` all differences alike, ``ordinal`` by the ratings
            that lie between, ``interval`` by the square of the distance.

    Returns:
        At most 1; None where it is undefined: no unit has two ratings, or all ratings are equal.

    Raises:
        ValueError: Not two-dimensional, or an infinite rating.

    Source:
        Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), coincidence matrices.
    """
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"ratings: expected shape [raters, units], got {table.shape!r}")
    if np.isinf(table).any():
        raise ValueError("ratings: an infinite rating; use NaN where there is none")
    values = np.unique(table[~np.isnan(table)])
    counts = (table[:, :, None] == values).sum(axis=0).astype(np.float64)
    counts = counts[counts.sum(axis=1) >= 2]
    if not counts.size:
        return None
    pairs = counts[:, :, None] * counts[:, None, :]
    pairs -= counts[:, :, None] * np.eye(values.size)
    observed = (pairs / (counts.sum(axis=1) - 1)[:, None, None]).sum(axis=0)
    marginal = observed.sum(axis=1)
    total = float(marginal.sum())
    distance = _DISTANCES[level](values, marginal)
    expected = float((np.outer(marginal, marginal) * distance).sum()) / (total - 1)
    if expected == 0.0:
        return None
    return 1.0 - float((observed * distance).sum()) / expected


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
    return {name: _percentiles(values, repeats) for name, values in found.items()}


def _percentiles(values: list[float], repeats: int) -> tuple[float, float] | None:
    if len(values) < _LEAST_DEFINED * repeats or max(values) - min(values) < 1e-12:
        return None
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def _row(values: ArrayLike) -> Floats:
    return checked_values(values, name="values", limit=np.inf)


def _correlation(x: Floats, y: Floats, weights: Floats) -> float | None:
    total = weights.sum()
    dx: NDArray[np.float64] = x - float((weights * x).sum() / total)
    dy: NDArray[np.float64] = y - float((weights * y).sum() / total)
    xx, yy, xy = (float((weights * p).sum() / total) for p in (dx * dx, dy * dy, dx * dy))
    scale = max(float(np.abs(x).max()), float(np.abs(y).max()), 1.0) ** 2
    if min(xx, yy) < _TINY * _TINY * scale:
        return None
    return min(max(xy / sqrt(xx * yy), -1.0), 1.0)


def _nominal(values: Floats, marginal: Floats) -> Floats:
    return 1.0 - np.eye(values.size)


def _ordinal(values: Floats, marginal: Floats) -> Floats:
    middle = np.cumsum(marginal) - marginal / 2
    return np.asarray(np.subtract.outer(middle, middle) ** 2)


def _interval(values: Floats, marginal: Floats) -> Floats:
    return np.asarray(np.subtract.outer(values, values) ** 2)


_DISTANCES: dict[Level, Callable[[Floats, Floats], Floats]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
}
