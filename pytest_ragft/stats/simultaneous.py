"""Two-sided bounds for a mean difference, for many parts of the questions at once, and the worst.

Both sides are the lower bound of the decision rule, the upper one that of the mirrored
differences: which of two systems is called the first decides nothing. No side is nearer than what a
total failure may hide that did not come up, which the rule itself leaves to its floor n₀.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from math import expm1, log
from typing import TypeVar

from pytest_ragft.stats.clusters import Codes, Floats, cluster_totals
from pytest_ragft.stats.multiplicity import shared_alpha
from pytest_ragft.stats.noninferiority import Bounds, mean_bounds, sum_of_squares
from pytest_ragft.stats.planning import REGRESSION_CLUSTERS, REGRESSION_QUESTIONS

_Name = TypeVar("_Name", bound=Hashable)


def two_sided_bounds(
    differences: Floats, codes: Codes | None = None, *, alpha: float = 0.05, scale: float = 1.0
) -> Bounds:
    """Mean difference with bounds that miss it, on either side, with probability about `alpha`.

    Args:
        differences: One a question, shape [n], finite and within ±scale.
        codes: Cluster codes >= 0, shape [n]; None where every question is its own cluster.
        alpha: Error rate of both bounds together, half of it on each side.
        scale: Largest possible absolute difference, in score units.

    Source:
        The lower bound of the project's decision rule, for the differences and for their mirror
        image, and a distance of at least ``scale * (1 - (alpha / 2) ** (DEFF / n))``: a failure of
        the whole scale at that rate leaves no trace in n / DEFF independent questions with
        probability alpha / 2. A difference of differences has twice the scale of the scores.
    """
    below = mean_bounds(differences, codes, alpha=alpha / 2, scale=scale)
    mirrored = mean_bounds(-differences, codes, alpha=alpha / 2, scale=scale)
    hidden = scale
    if differences.size:
        hidden = -scale * expm1(log(alpha / 2) / below.independent)
    return replace(
        below,
        lower=max(min(below.lower, below.estimate - hidden), -scale),
        upper=min(max(-mirrored.lower, below.estimate + hidden), scale),
    )


def can_be_named(differences: Floats, codes: Codes | None = None) -> bool:
    """Whether a part has the questions and documents, as Kish counts them, of a guard's veto."""
    n = differences.size
    if n < REGRESSION_QUESTIONS:
        return False
    _, sizes = cluster_totals(differences, codes)
    return n * n / sum_of_squares(sizes) >= REGRESSION_CLUSTERS


def simultaneous_bounds(
    parts: Mapping[_Name, tuple[Floats, Codes | None]], *, alpha: float = 0.05, scale: float = 1.0
) -> tuple[dict[_Name, Bounds], int]:
    """Two-sided bounds of many parts, all of which hold together with probability 1 - alpha.

    Args:
        parts: Differences and cluster codes by name, as in `two_sided_bounds`; parts may overlap.
        alpha: Error rate of all of them together.
        scale: Largest possible absolute difference.

    Returns:
        The bounds by name, and among how many parts `alpha` was shared: those that can be named.
        The bounds of the others are of the same level and promise nothing together.

    Source:
        Bonferroni's inequality, which holds however parts depend on each other.
    """
    compared = sum(can_be_named(*part) for part in parts.values())
    share = shared_alpha(alpha, tests=max(compared, 1))
    found = {
        name: two_sided_bounds(differences, codes, alpha=share, scale=scale)
        for name, (differences, codes) in parts.items()
    }
    return found, compared


def worst_part(bounds: Mapping[_Name, Bounds]) -> tuple[_Name, bool] | None:
    """The part with the lowest mean, and whether that is surely below 0.

    Args:
        bounds: Simultaneous bounds of the parts that can be named. Where some are surely below 0,
            the lowest of those is the worst; of equal ones the first is.

    Returns:
        Its name and whether its upper bound lies below 0; None without any part.
    """
    surely = [name for name, of in bounds.items() if of.upper < 0.0]
    among = surely or list(bounds)
    if not among:
        return None
    return min(among, key=lambda name: bounds[name].estimate), bool(surely)
