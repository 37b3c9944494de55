"""Bounds, clustered by document, for a mean without a scale, such as lengths, and for a share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.stats.clusters import Codes, Floats, cluster_totals
from pytest_ragft.stats.noninferiority import (
    deleted_residuals,
    jackknife_error,
    mean_bounds,
    t_quantile,
)


def mean_interval(
    values: Floats, codes: Codes, *, alpha: float = 0.025
) -> tuple[float, float, float]:
    """Mean with one-sided bounds at `alpha` each: a plain cluster-robust t interval.

    For what a report shows, not for verdicts: without a scale nothing guards against rare extremes.

    Args:
        values: Shape [n >= 1], finite.
        codes: Cluster of each, shape [n].
        alpha: One-sided error rate of each bound.

    Returns:
        Mean, lower and upper bound; the bounds are infinite with fewer than 2 clusters.

    Source:
        CR3 (Bell and McCaffrey 2002) with Kish's effective number of clusters.
    """
    n = values.size
    mean = float(values.sum()) / n
    sums, sizes = cluster_totals(values, codes)
    if sums.size < 2:
        return mean, -float("inf"), float("inf")
    kish = n * n / float((sizes * sizes).sum())
    distance = t_quantile(alpha, kish) * jackknife_error(deleted_residuals(sums, sizes, mean), n)
    return mean, mean - distance, mean + distance


def upper_share(hits: NDArray[Any], codes: Codes | None = None, *, alpha: float) -> float:
    """One-sided upper bound of a share; 1 when there is nothing to count.

    Exact where every question is its own cluster. Clustered questions count as the independent ones
    that they are worth.

    Args:
        hits: Whether a question has the property, shape [n].
        codes: Cluster codes >= 0, shape [n]; None where every question is its own cluster.
        alpha: One-sided error rate, in (0, 0.5).

    Source:
        Clopper and Pearson (1934), the beta quantile form, at an effective number of questions, n
        over the design effect times a squared ratio of t quantiles for the few clusters that this
        effect is known from (Korn and Graubard 1998). As everywhere, questions of a cluster count
        as one while fewer than 5 clusters have the property.
    """
    from scipy.special import betaincinv

    values = np.asarray(hits, dtype=np.float64)
    found, n = float(values.sum()), values.size
    if found == n:
        return 1.0
    worth = mean_bounds(values, codes, alpha=alpha)
    ratio = t_quantile(alpha, n) / t_quantile(alpha, worth.kish_clusters)
    share = worth.independent * ratio**2 / n
    return float(betaincinv(found * share + 1, (n - found) * share, 1 - alpha))
