"""How a judge's scores go along with human labels: weighted, so that resampling is cheap.

Each function here takes the data once and returns a statistic of the rows' weights, such as the
number of times that each was drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_ragft.stats.clusters import Floats, checked_values

Statistic = Callable[[Floats], float | None]
"""Weights of the rows, shape [n], to a number; None where it is undefined."""

_TINY = 1e-12


def agreement_of(first: ArrayLike, second: ArrayLike) -> Statistic:
    """Share of rows with equal labels."""
    same = np.equal(first, second).astype(np.float64)
    return lambda weights: float((weights * same).sum() / weights.sum())


def kappa_of(first: ArrayLike, second: ArrayLike) -> Statistic:
    """Cohen's kappa of two rows of truth values; None where both are constant and equal.

    Source:
        Cohen (1960), for two categories.
    """
    a, b = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    same, yes_a, yes_b = ((x).astype(np.float64) for x in (a == b, a, b))

    def kappa(weights: Floats) -> float | None:
        total = weights.sum()
        observed, p, q = (float((weights * x).sum() / total) for x in (same, yes_a, yes_b))
        chance = p * q + (1 - p) * (1 - q)
        return None if 1 - chance < _TINY else (observed - chance) / (1 - chance)

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
