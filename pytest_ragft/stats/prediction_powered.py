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

from pytest_ragft.stats.clusters import Codes, Floats, checked_values, cluster_codes
from pytest_ragft.stats.noninferiority import (
    NEGLIGIBLE,
    Bounds,
    design_effect,
    mean_bounds,
    sum_of_squares,
    t_quantile,
)


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
        other_clusters: Document of each further pair, shape [N]; None: each its own. A document
            that has pairs of both kinds bears one label.
        weight: Weight of the judge in [0, 1]; None for the best one. With 0 the judge counts for
            nothing and the bounds are those of the human labels alone.

    Raises:
        ValueError: Unusable values, too few of them, or lengths that do not agree.

    Deviation:
        The residuals get the guarded, skewness-aware bounds of `mean_bounds`: a t interval is
        wrong two to three times too often for drops with a long left tail. Both parts of a document
        count together where that widens the bounds.
    """
    human = checked_values(human, name="human", limit=scale)
    judged = checked_values(judged, name="judged", limit=scale)
    others = checked_values(others, name="others", limit=scale)
    if human.size != judged.size:
        raise ValueError(f"judged: {judged.size!r} values for {human.size!r} human labels")
    if human.size < 2 or others.size < 2:
        raise ValueError(f"{human.size!r} labelled and {others.size!r} other pairs: 2 are needed")
    codes, other_codes = _joint_codes(clusters, human.size, other_clusters, others.size)

    share = tuned_weight(human, judged, others) if weight is None else weight
    residuals = human - share * judged
    # A judge that explains the labels hides in the residuals that whole documents move.
    effect = design_effect(human, codes, scale=scale)
    rest = mean_bounds(
        residuals,
        codes,
        alpha=alpha,
        scale=scale,
        limit=(1 + share) * scale,
        least_design_effect=effect,
    )
    judge = mean_bounds(others, other_codes, alpha=alpha, scale=scale)
    apart = sqrt((share * judge.standard_error) ** 2 + rest.standard_error**2)
    together = _joint_error(residuals, codes, share * others, other_codes)
    widening = max(1.0, together / apart) if apart > NEGLIGIBLE * scale else 1.0
    judge_distance = t_quantile(alpha, rest.kish_clusters) * share * judge.standard_error
    below = widening * sqrt(judge_distance**2 + (rest.estimate - rest.lower) ** 2)
    above = widening * sqrt(judge_distance**2 + (rest.upper - rest.estimate) ** 2)
    estimate = share * judge.estimate + rest.estimate
    return Bounds(
        estimate=estimate,
        lower=max(estimate - below, -scale),
        upper=min(estimate + above, scale),
        n=rest.n,
        clusters=rest.clusters,
        kish_clusters=rest.kish_clusters,
        standard_error=widening * apart,
        design_effect=rest.design_effect,
    )


def _joint_codes(
    clusters: Any, n: int, other_clusters: Any, others: int
) -> tuple[Codes | None, Codes | None]:
    """Codes of both parts, equal where the labels are; None where each pair is its own cluster."""
    if clusters is None and other_clusters is None:
        return None, None
    if clusters is None or other_clusters is None:
        codes = None if clusters is None else cluster_codes(clusters, n)
        other_codes = None if other_clusters is None else cluster_codes(other_clusters, others)
        return codes, other_codes
    arrays = [np.asarray(labels) for labels in (clusters, other_clusters)]
    if all(array.dtype.kind == "i" for array in arrays):
        joint: Any = np.concatenate(arrays)
    else:
        joint = [*_listed(clusters), *_listed(other_clusters)]
    codes = cluster_codes(joint, n + others)
    return codes[:n], codes[n:]


def _listed(labels: Any) -> list[Any]:
    return list(labels.tolist() if hasattr(labels, "tolist") else labels)


def _joint_error(
    residuals: Floats, codes: Codes | None, judge: Floats, other_codes: Codes | None
) -> float:
    """Standard error of both means together, clusters counted once: sqrt(G/(G-1) * Σ ψ_g²)."""
    if codes is None or other_codes is None:
        return 0.0
    groups = int(max(codes.max(), other_codes.max())) + 1
    own = np.bincount(codes, weights=residuals - residuals.mean(), minlength=groups)
    rest = np.bincount(other_codes, weights=judge - judge.mean(), minlength=groups)
    used = np.bincount(np.concatenate([codes, other_codes]), minlength=groups) > 0
    count = int(used.sum())
    if count < 2:
        return 0.0
    parts = own / residuals.size + rest / judge.size
    return sqrt(count / (count - 1) * sum_of_squares(parts))
