"""A mean of numbers without a scale, such as lengths, with an interval clustered by document."""

from __future__ import annotations

from pytest_ragft.stats.clusters import Codes, Floats, cluster_totals
from pytest_ragft.stats.noninferiority import deleted_residuals, jackknife_error, t_quantile


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
