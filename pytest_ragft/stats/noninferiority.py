"""One-sided bounds for a mean paired difference whose questions are clustered by document.

Closed form. With n questions in G documents, S_g the sum of the differences and N_g the number of
questions of document g, the estimate is the question-weighted mean, e_g = S_g - N_g * estimate and
r_g = e_g / (1 - N_g / n). Four corrections make the nominal error rate hold where a t interval
fails:

- a cluster-robust standard error by the jackknife (CR3; Bell and McCaffrey 2002), by which a
  document with many of the questions does not look safer than it is, and Kish's effective number
  of documents (Kish 1965) for the degrees of freedom;
- a pseudo-document at half of the scale: with almost all ties the sample variance is near zero,
  and a rare catastrophic drop would be invisible;
- dependence within documents that the data cannot show, because fewer than 5 documents moved, is
  taken as complete;
- the quantile of a shifted gamma (Pearson III) on the side of the long tail. For rare failures it
  becomes the exact Poisson limit (Garwood 1936). Hall's (1992) correction has a singular cube
  root there, by which one more failure could help.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from pytest_ragft.stats.clusters import Codes, Floats, cluster_totals

ROUNDING = 1e-9
"""Relative tolerance of counts that come out of a division, such as n / DEFF."""

NEGLIGIBLE = 1e-12
"""A standard error below this fraction of the scale is rounding, and counts as 0."""

_SYMMETRIC = 1e-3
# A document moved when one of its questions did by a quarter of the scale: a judge's small wobble
# on every question would else hide that only two documents really moved.
_MOVED = 0.25 - NEGLIGIBLE
_FEWEST_MOVED = 5
# From here on the upper bound is not guarded: it decides between two outcomes that both block, and
# a guard must be able to veto.
_UNGUARDED = 20 * (1 - ROUNDING)


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
    """Variance lost to clustering, in [1, max(1, n / kish_clusters)]."""

    @property
    def independent(self) -> float:
        """Number of independent questions that would be worth as much."""
        return self.n / self.design_effect


def mean_bounds(
    differences: Floats,
    codes: Codes | None = None,
    *,
    alpha: float,
    scale: float = 1.0,
    limit: float | None = None,
    least_design_effect: float = 1.0,
) -> Bounds:
    """Bounds L <= estimate <= U, each of which is wrong with probability about `alpha`.

    Args:
        differences: Variant minus baseline, shape [n], finite.
        codes: Cluster codes >= 0, shape [n]; None where every question is its own cluster.
        alpha: One-sided error rate of each bound, in (0, 0.1].
        scale: Width of the metric's scale in score units.
        limit: Largest possible absolute difference, to which the bounds are clipped; None for
            `scale`.
        least_design_effect: What is known of the design effect from elsewhere; the larger counts.

    Source:
        The project's decision rule, parts 1 to 4; the module's docstring names its parts.
    """
    limit = scale if limit is None else limit
    n = differences.size
    sums, sizes = cluster_totals(differences, codes)
    groups = sums.size
    estimate = float(differences.sum()) / n if n else 0.0
    kish = n * n / sum_of_squares(sizes) if n else 0.0
    residuals = deleted_residuals(sums, sizes, estimate) if groups >= 2 else sums
    error = jackknife_error(residuals, n) if groups >= 2 else scale
    if error < NEGLIGIBLE * scale:
        error = 0.0
    effect = least_design_effect
    if codes is not None and n:
        effect = max(effect, _design_effect(differences, codes, error, n / kish, scale))
    lower, upper = -limit, limit
    if groups >= 2:
        quantile = t_quantile(alpha, kish)
        lower = _guarded(sums, sizes, effect, -quantile, -scale / 2)
        upper = _guarded(sums, sizes, effect, quantile, scale / 2)
        if error > 0.0:
            below, above = _tail_distances(residuals * (groups / n), error, quantile)
            lower = min(lower, estimate - below)
            few = n / effect < _UNGUARDED
            upper = max(upper, estimate + above) if few else estimate + above
    return Bounds(
        estimate=estimate,
        lower=max(lower, -limit),
        upper=min(upper, limit),
        n=n,
        clusters=groups,
        kish_clusters=kish,
        standard_error=error,
        design_effect=effect,
    )


def design_effect(differences: Floats, codes: Codes | None, *, scale: float = 1.0) -> float:
    """Variance lost to clustering, as in `Bounds`, shape [n] each; 1 without codes."""
    if codes is None or not differences.size:
        return 1.0
    sums, sizes = cluster_totals(differences, codes)
    n = differences.size
    error = 0.0
    if sums.size >= 2:
        mean = float(differences.sum()) / n
        error = jackknife_error(deleted_residuals(sums, sizes, mean), n)
    return _design_effect(differences, codes, error, sum_of_squares(sizes) / n, scale)


def deleted_residuals(sums: Floats, sizes: Floats, mean: float) -> Floats:
    """r_g: what the total of the others would miss without cluster g, shapes [G >= 2].

    Args:
        sums: Sum of the values of each cluster.
        sizes: Its number of questions; the pseudo-document's may be fractional.
        mean: Question-weighted mean of all.
    """
    residuals: Floats = (sums - sizes * mean) / (1.0 - sizes / float(sizes.sum()))
    return residuals


def jackknife_error(residuals: Floats, n: float) -> float:
    """CR3 standard error of a question-weighted mean from `deleted_residuals`, shape [G >= 2]."""
    groups = residuals.size
    return sqrt((groups - 1) / groups * sum_of_squares(residuals)) / n


def t_quantile(alpha: float, kish_clusters: float) -> float:
    """Upper `alpha` point of Student's t with Kish's clusters less one degree of freedom."""
    from scipy.special import stdtrit

    return -float(stdtrit(max(kish_clusters - 1.0, 1.0), alpha))


def sum_of_squares(values: Floats) -> float:
    """Sum of the squares."""
    # Not a dot product: that is threaded, which costs milliseconds on a busy machine and makes
    # the last digits depend on the number of cores.
    return float((values * values).sum())


def _design_effect(
    differences: Floats, codes: Codes, error: float, largest: float, scale: float
) -> float:
    """`largest` is n / K, what complete dependence within documents would cost."""
    n = differences.size
    largest = max(1.0, largest)
    moved = np.bincount(codes[np.abs(differences) >= _MOVED * scale])
    if np.count_nonzero(moved) < _FEWEST_MOVED:
        return largest
    independent = float(differences.std(ddof=1)) / sqrt(n)
    if independent < NEGLIGIBLE * scale:
        return 1.0
    return min(max((error / independent) ** 2, 1.0), largest)


def _guarded(
    sums: Floats, sizes: Floats, weight: float, signed_quantile: float, pseudo: float
) -> float:
    """Student bound over the clusters and one pseudo-cluster of `weight` questions at `pseudo`."""
    sums = np.append(sums, pseudo * weight)
    sizes = np.append(sizes, weight)
    total = float(sizes.sum())
    mean = float(sums.sum()) / total
    return mean + signed_quantile * jackknife_error(deleted_residuals(sums, sizes, mean), total)


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
