"""Bounds for a share of questions that are clustered by document."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.stats.clusters import Codes
from pytest_ragft.stats.noninferiority import mean_bounds, t_quantile


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
