"""Bounds from a judge's scores for many pairs, corrected by human labels for some of them.

A judge that favours one variant shifts every judged difference, which no error bar of the judge's
own scores can show. With human labels for a simple random part of the pairs the shift is
estimated and taken out (prediction-powered inference, Angelopoulos et al. 2023; the weight of
PPI++, Angelopoulos, Duchi and Zrnic 2023).
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from pytest_ragft.stats.clusters import Floats, checked_values, cluster_codes
from pytest_ragft.stats.noninferiority import Bounds, mean_bounds, t_quantile


def tuned_weight(human: Floats, judged: Floats, others: Floats) -> float:
    """Weight of the judge that gives the smallest variance, clipped to [0, 1].

    ``cov(human, judged) / ((1 + n/N) * var(all judged))``; 0 for a judge that never varies.
    """
    variance = float(np.concatenate([judged, others]).var(ddof=1))
    if variance == 0.0:
        return 0.0
    covariance = float(np.cov(human, judged)[0, 1])
    return min(max(covariance / ((1 + human.size / others.size) * variance), 0.0), 1.0)


def corrected_bounds(
    human: Any,
    judged: Any,
    others: Any,
    *,
    alpha: float,
    scale: float = 1.0,
    clusters: Any = None,
    other_clusters: Any = None,
    weight: float | None = None,
) -> Bounds:
    """Bounds of the human mean difference; n and clusters count the labelled pairs.

    Args:
        human: Variant minus baseline by human labels, shape [n >= 2], within ±scale.
        judged: The same pairs by the judge, shape [n].
        others: Further pairs that only the judge saw, shape [N >= 2].
        alpha: One-sided error rate of each bound, in (0, 0.1].
        scale: Width of the metric's scale in score units.
        clusters: Document of each labelled pair, shape [n]; None: each its own.
        other_clusters: Document of each further pair, shape [N]; None: each its own.
        weight: Weight of the judge in [0, 1]; None for the best one. With 0 the judge counts for
            nothing and the bounds are those of the human labels alone.

    Raises:
        ValueError: Unusable values, too few of them, or lengths that do not agree.

    Deviation:
        The residuals get the guarded, skewness-aware bounds of `mean_bounds`: a t interval is
        wrong two to three times too often for drops with a long left tail.
    """
    human = checked_values(human, name="human", limit=scale)
    judged = checked_values(judged, name="judged", limit=scale)
    others = checked_values(others, name="others", limit=scale)
    if human.size != judged.size:
        raise ValueError(f"judged: {judged.size!r} values for {human.size!r} human labels")
    if human.size < 2 or others.size < 2:
        raise ValueError(f"{human.size!r} labelled and {others.size!r} other pairs: 2 are needed")
    codes = None if clusters is None else cluster_codes(clusters, human.size)
    other_codes = None if other_clusters is None else cluster_codes(other_clusters, others.size)

    share = tuned_weight(human, judged, others) if weight is None else weight
    rest = mean_bounds(
        human - share * judged, codes, alpha=alpha, scale=scale, limit=(1 + share) * scale
    )
    judge = mean_bounds(others, other_codes, alpha=alpha, scale=scale)
    estimate = share * judge.estimate + rest.estimate
    judge_distance = t_quantile(alpha, rest.kish_clusters) * share * judge.standard_error
    below = sqrt(judge_distance**2 + (rest.estimate - rest.lower) ** 2)
    above = sqrt(judge_distance**2 + (rest.upper - rest.estimate) ** 2)
    return Bounds(
        estimate=estimate,
        lower=max(estimate - below, -scale),
        upper=min(estimate + above, scale),
        n=rest.n,
        clusters=rest.clusters,
        kish_clusters=rest.kish_clusters,
        standard_error=sqrt((share * judge.standard_error) ** 2 + rest.standard_error**2),
        design_effect=rest.design_effect,
    )
