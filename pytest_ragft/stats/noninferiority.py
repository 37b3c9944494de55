"""One-sided bounds for a mean paired difference whose questions are clustered by document.

Closed form. With n questions in G clusters, S_g the sum of the differences and N_g the number of
questions of cluster g, the estimate is the question-weighted mean and e_g = S_g - N_g * estimate.
Three corrections make the nominal error rate hold where a t interval fails:

- a cluster-robust standard error (CR1; Liang and Zeger 1986) with Kish's effective number of
  clusters (Kish 1965) for the degrees of freedom;
- a pseudo-cluster at half of the scale: with almost all ties the sample variance is near zero,
  and a rare catastrophic drop would be invisible;
- the quantile of a shifted gamma (Pearson III) on the side of the long tail. For rare failures it
  becomes the exact Poisson limit (Garwood 1936). Hall's (1992) correction has a singular cube
  root there, by which one more failure could help.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from pytest_ragft.stats.clusters import Codes, Floats, cluster_totals

_TINY = 1e-12
_SYMMETRIC = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A mean difference with one-sided bounds, in score units."""

    estimate: float
    lower: float
    upper: float
    n: int
    clusters: int
    kish_clusters: float
    """n² / Σ N_g²: the number of equally large clusters that would be worth as much."""
    standard_error: float
    """Cluster-robust; the whole scale where it is undefined (fewer than 2 clusters)."""
    design_effect: float
    """Variance lost to clustering, at least 1."""


def mean_bounds(
    differences: Floats,
    codes: Codes | None = None,
    *,
    alpha: float,
    scale: float = 1.0,
    limit: float | None = None,
) -> Bounds:
    """Bounds L <= estimate <= U, each of which is wrong with probability about `alpha`.

    Args:
        differences: Variant minus baseline, shape [n], finite.
        codes: Cluster codes >= 0, shape [n]; None where every question is its own cluster.
        alpha: One-sided error rate of each bound, in (0, 0.1].
        scale: Width of the metric's scale in score units.
        limit: Largest possible absolute difference, to which the bounds are clipped; None for
            `scale`.

    Source:
        The project's decision rule, parts 1 to 4; the module's docstring names its parts.
    """
    limit = scale if limit is None else limit
    n = differences.size
    sums, sizes = cluster_totals(differences, codes)
    estimate = float(differences.sum()) / n if n else 0.0
    kish = n * n / _sum_of_squares(sizes) if n else 0.0
    if sums.size < 2:
        return Bounds(
            estimate=estimate,
            lower=-limit,
            upper=limit,
            n=n,
            clusters=sums.size,
            kish_clusters=kish,
            standard_error=scale,
            design_effect=1.0,
        )
    residuals = sums - sizes * estimate
    error = robust_error(residuals, n)
    if error < _TINY * scale:
        error = 0.0
    design_effect = 1.0
    if codes is not None:
        design_effect = _design_effect(differences, error, sums.size, scale)
    quantile = t_quantile(alpha, kish)
    lower = _guarded(sums, sizes, design_effect, -quantile, -scale / 2)
    if error == 0.0:
        upper = _guarded(sums, sizes, design_effect, quantile, scale / 2)
    else:
        below, above = _tail_distances(residuals * (sums.size / n), error, quantile)
        lower = min(lower, estimate - below)
        upper = estimate + above
    return Bounds(
        estimate=estimate,
        lower=max(lower, -limit),
        upper=min(upper, limit),
        n=n,
        clusters=sums.size,
        kish_clusters=kish,
        standard_error=error,
        design_effect=design_effect,
    )


def robust_error(residuals: Floats, n: float) -> float:
    """CR1 standard error of a question-weighted mean from the cluster residuals, shape [G >= 2]."""
    groups = residuals.size
    return sqrt(groups / (groups - 1) * _sum_of_squares(residuals)) / n


def t_quantile(alpha: float, kish_clusters: float) -> float:
    """Upper `alpha` point of Student's t with Kish's clusters less one degree of freedom."""
    from scipy.special import stdtrit

    return -float(stdtrit(max(kish_clusters - 1.0, 1.0), alpha))


def _sum_of_squares(values: Floats) -> float:
    # Not a dot product: that is threaded, which costs milliseconds on a busy machine and makes
    # the last digits depend on the number of cores.
    return float((values * values).sum())


def _design_effect(differences: Floats, error: float, groups: int, scale: float) -> float:
    n = differences.size
    independent = float(differences.std(ddof=1)) / sqrt(n)
    if independent < _TINY * scale:
        return 1.0
    return min(max((error / independent) ** 2, 1.0), max(1.0, n / groups))


def _guarded(
    sums: Floats, sizes: Floats, weight: float, signed_quantile: float, pseudo: float
) -> float:
    """Student bound over the clusters and one pseudo-cluster of `weight` questions at `pseudo`."""
    total = float(sizes.sum()) + weight
    mean = (float(sums.sum()) + pseudo * weight) / total
    residuals = np.append(sums - sizes * mean, weight * (pseudo - mean))
    return mean + signed_quantile * robust_error(residuals, total)


def _tail_distances(deviations: Floats, error: float, quantile: float) -> tuple[float, float]:
    """Distances of the bounds below and above the estimate."""
    from scipy.special import gammainccinv, ndtr

    groups = deviations.size
    squares = deviations * deviations
    skewness = float((squares * deviations).mean()) / float(squares.mean()) ** 1.5
    straight = quantile * error
    if abs(skewness) < _SYMMETRIC:
        return straight, straight
    shape = groups / (skewness * skewness)
    point = float(gammainccinv(shape + 1.0, ndtr(-quantile)))
    stretched = max(straight, error * abs(skewness) / sqrt(groups) * (point - shape))
    return (stretched, straight) if skewness < 0 else (straight, stretched)
