"""What a recipe does, over several trainings of it that differ in their seed alone.

Each seed's model answers the same questions, so that seeds and questions are crossed: the
difference of seed s at question q is d_sq = μ + a_s + b_q + e_sq, with variances A of seeds, B of
questions and E of their interaction; questions of a document hang together in b and in e. The grand
mean has the variance A / S + (B + E / S) / n: its second part is the variance over questions of the
differences averaged over seeds, which the project's bounds estimate with clusters. A is estimated
by the method of moments for two crossed factors without replication (Searle, Casella and McCulloch,
Variance Components, 1992): the variance of the seeds' means, less what the interaction puts into
it.

With few seeds A is hardly known: below `LEAST_SEEDS` only the range is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt

from pytest_ragft.stats.clusters import Codes, Floats, cluster_totals
from pytest_ragft.stats.noninferiority import Bounds, sum_of_squares, t_quantile
from pytest_ragft.stats.simultaneous import two_sided_bounds

LEAST_SEEDS = 4
"""From so many on, their variance is estimated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedEffect:
    """A recipe's effect as a random one, in score units."""

    questions: Bounds
    """Two-sided, of the differences averaged over seeds: these seeds, over further questions."""
    between: float
    """Standard deviation of seeds beyond what the questions explain, √A."""
    lower: float
    """Of the mean effect, with seeds and questions drawn anew, as `upper`."""
    upper: float
    further_lower: float
    """Of the effect of one further seed over questions of this kind, as `further_upper`."""
    further_upper: float


def seed_effect(
    differences: Floats,
    codes: Codes | None = None,
    *,
    alpha: float = 0.05,
    scale: float = 1.0,
) -> SeedEffect:
    """The mean effect over seeds and questions, and that of a further seed, each with bounds.

    Args:
        differences: One a seed and question, shape [S, n], S at least `LEAST_SEEDS`, n at least 1,
            finite and within ±scale.
        codes: Cluster codes >= 0 of the questions, shape [n]; None: each is its own cluster.
        alpha: Error rate of both bounds of an interval together.
        scale: Largest possible absolute difference.

    Raises:
        ValueError: Fewer seeds.

    Source:
        The distances of both parts, each with its own t quantile, in quadrature (MOVER; Zou and
        Donner 2008): for questions those of `two_sided_bounds`, for seeds t(S - 1) · √(A / S). For
        a further seed it is t(S - 1) · √(M (1 + 1 / S)) with the variance M of the seeds' means as
        it is: with the interaction taken out of it, four seeds whose A is small covered 90 %.
    """
    seeds = differences.shape[0]
    if seeds < LEAST_SEEDS:
        raise ValueError(f"{seeds!r} seeds: their variance takes at least {LEAST_SEEDS!r}")
    questions = two_sided_bounds(differences.mean(axis=0), codes, alpha=alpha, scale=scale)
    spread = float(differences.mean(axis=1).var(ddof=1))
    between = max(spread - interaction_variance(differences, codes), 0.0)
    quantile = t_quantile(alpha / 2, seeds)
    lower, upper = _wider(questions, quantile * sqrt(between / seeds), scale)
    further = _wider(questions, quantile * sqrt(spread * (1 + 1 / seeds)), scale)
    return SeedEffect(
        questions=questions,
        between=sqrt(between),
        lower=lower,
        upper=upper,
        further_lower=further[0],
        further_upper=further[1],
    )


def _wider(bounds: Bounds, distance: float, scale: float) -> tuple[float, float]:
    """Bounds with one more independent source of error, `distance` to either side by itself."""
    of = bounds.estimate
    return (
        max(of - hypot(of - bounds.lower, distance), -scale),
        min(of + hypot(bounds.upper - of, distance), scale),
    )


def interaction_variance(differences: Floats, codes: Codes | None = None) -> float:
    """Variance that the interaction of seeds and questions gives the mean of one seed.

    ``G / (G - 1) · Σ_s Σ_g r_sg² / ((S - 1) n²)`` with r_sg the sum, over the questions of document
    g, of d_sq less the means of its seed and its question, plus the grand mean.

    Args:
        differences: Shape [S >= 2, n].
        codes: As in `seed_effect`.

    Returns:
        0 with fewer than 2 documents, where it cannot be told from the seeds' own variance.
    """
    seeds, n = differences.shape
    residuals = (
        differences
        - differences.mean(axis=1, keepdims=True)
        - differences.mean(axis=0, keepdims=True)
        + differences.mean()
    )
    totals = [cluster_totals(row, codes)[0] for row in residuals]
    groups = totals[0].size
    if groups < 2:
        return 0.0
    squares = sum(sum_of_squares(of) for of in totals)
    return float(groups / (groups - 1) * squares / ((seeds - 1) * n * n))
