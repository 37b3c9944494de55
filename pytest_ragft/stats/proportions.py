"""Bounds for a share of questions that are clustered by document."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.stats.clusters import Codes
from pytest_ragft.stats.noninferiority import design_effect


def upper_share(hits: NDArray[Any], codes: Codes | None = None, *, alpha: float) -> float:
    """One-sided upper bound of a share; 1 when there is nothing to count.

    Exact where every question is its own cluster. Clustered questions count as the independent ones
    that they are worth.

    Args:
        hits: Whether a question has the property, shape [n].
        codes: Cluster codes >= 0, shape [n]; None where every question is its own cluster.
        alpha: One-sided error rate, in (0, 1).

    Source:
        Clopper and Pearson (1934), the beta quantile form, at n / DEFF questions (Korn and Graubard
        1998); with fewer than 5 clusters that have the property, clusters count as one question.
    """
    from scipy.special import betaincinv

    values = np.asarray(hits, dtype=np.float64)
    found, n = float(values.sum()), values.size
    if found == n:
        return 1.0
    effect = design_effect(values, codes)
    return float(betaincinv(found / effect + 1, (n - found) / effect, 1 - alpha))
