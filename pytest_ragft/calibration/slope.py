"""The slope of a judge's score on people's: what a margin in its score means to people."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.records import Slope
from pytest_ragft.stats.clusters import Codes, Floats, cluster_totals
from pytest_ragft.stats.noninferiority import mean_bounds

ALPHA = 0.05
_HALF = 0.5
# Below it a variance is rounding error.
_TINY = 1e-24


def slope_of(scores: Floats, labels: Floats, right: NDArray[np.bool_], codes: Codes) -> Slope:
    """Mean judged score of right less that of wrong answers, over the same of the labels.

    With labels 0 and 1 the divisor is 1.

    Args:
        scores: The judge's, in [0, 1], shape [n].
        labels: People's, in [0, 1], shape [n].
        right: Whether people call an answer right, shape [n]; some do and some do not.
        codes: Question of each answer, shape [n].

    Source:
        The grouped slope of Wald (1940). Bounds by recovering the variance of two means (Zou and
        Donner 2008) from guarded ones, so that a perfect score on few answers is no certainty;
        widened where answers to one question make the two means go apart.
    """
    (high, least, most), (low, lowest, highest) = (
        _mean(scores[part], codes[part]) for part in (right, ~right)
    )
    gap = float(labels[right].mean() - labels[~right].mean())
    widening = _widening(scores, right, codes)
    estimate = high - low
    below = widening * sqrt((high - least) ** 2 + (highest - low) ** 2)
    above = widening * sqrt((most - high) ** 2 + (low - lowest) ** 2)
    return Slope(
        estimate=estimate / gap, lower=(estimate - below) / gap, upper=(estimate + above) / gap
    )


def _mean(values: Floats, codes: Codes) -> tuple[float, float, float]:
    """Mean with bounds; both ways that of the guarded side, around the middle of the scale."""
    below = mean_bounds(values - _HALF, codes, alpha=ALPHA, limit=_HALF)
    above = mean_bounds(_HALF - values, codes, alpha=ALPHA, limit=_HALF)
    return below.estimate + _HALF, below.lower + _HALF, _HALF - above.lower


def _widening(scores: Floats, right: NDArray[np.bool_], codes: Codes) -> float:
    """How far the error of the difference exceeds that of two means from different questions."""
    parts = []
    for part, sign in ((right, 1.0), (~right, -1.0)):
        influence = np.where(part, scores - scores[part].mean(), 0.0)
        parts.append(sign * influence / part.sum())
    apart = sum(_squares(part, codes) for part in parts)
    if apart < _TINY:
        return 1.0
    return sqrt(max(1.0, _squares(parts[0] + parts[1], codes) / apart))


def _squares(values: Floats, codes: Codes) -> float:
    sums, _ = cluster_totals(values, codes)
    return float((sums * sums).sum())
