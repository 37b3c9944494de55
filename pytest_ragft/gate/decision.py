"""The decision rule on plain differences."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import isfinite
from typing import Any

from numpy.typing import ArrayLike, NDArray

from pytest_ragft.records import Outcome, Verdict
from pytest_ragft.stats.clusters import checked_values, cluster_codes
from pytest_ragft.stats.noninferiority import Bounds, mean_bounds
from pytest_ragft.stats.planning import (
    PASS_CLUSTERS,
    REGRESSION_CLUSTERS,
    REGRESSION_QUESTIONS,
    fewest_questions,
)

MAX_ALPHA = 0.1


def decide(
    differences: ArrayLike,
    clusters: Sequence[Hashable] | NDArray[Any] | None = None,
    *,
    margin: float,
    alpha: float = 0.05,
    scale: float = 1.0,
) -> Verdict:
    """Whether a variant is at most `margin` worse than the baseline, on the same questions.

    Closed form, without random numbers. PASS is wrong with a probability of about `alpha` at most
    when the true mean difference is -margin or lower, REGRESSION when it is -margin or higher.

    Args:
        differences: Variant minus baseline of each question in score units, shape [n]; finite and
            within ±scale. Ties stay in. Repeated judgements of one answer are averaged first.
        clusters: Source document of each question, shape [n]: integers, strings or other
            hashables. None: every question is its own.
        margin: Drop of the mean that is just not acceptable, in score units, in (0, scale).
        alpha: One-sided error rate, in (0, 0.1].
        scale: Width of the metric's scale in score units: 1 for scores in [0, 1].

    Returns:
        The verdict. `reason` is empty for PASS and REGRESSION, else ``floor`` (too few questions
        or clusters), ``worse`` (surely worse, but not surely by more than the margin) or
        ``underpowered`` (the bounds span the margin).

    Raises:
        ValueError: A number out of its range, a difference that is not finite, or labels that
            are missing or do not fit the differences.
    """
    check_rule(margin=margin, alpha=alpha, scale=scale)
    values = checked_values(differences, name="differences", limit=scale)
    codes = None if clusters is None else cluster_codes(clusters, values.size)
    bounds = mean_bounds(values, codes, alpha=alpha, scale=scale)
    return verdict_on(bounds, margin=margin, alpha=alpha, scale=scale)


def check_rule(*, margin: float, alpha: float, scale: float) -> None:
    """Raises ValueError unless 0 < margin < scale < infinity and 0 < alpha <= 0.1."""
    if not (isfinite(scale) and scale > 0):
        raise ValueError(f"scale = {scale!r}: give a finite number above 0")
    if not 0 < margin < scale:
        raise ValueError(f"margin = {margin!r}: give a number between 0 and the scale, {scale!r}")
    if not 0 < alpha <= MAX_ALPHA:
        raise ValueError(f"alpha = {alpha!r}: give a number above 0 and up to {MAX_ALPHA!r}")


def verdict_on(bounds: Bounds, *, margin: float, alpha: float, scale: float) -> Verdict:
    """The verdict that bounds at `alpha` lead to; the rule's numbers are checked already."""
    needed = fewest_questions(alpha, margin, scale)
    outcome, reason = _outcome(bounds, margin, needed)
    return Verdict(
        outcome=outcome,
        reason=reason,
        estimate=bounds.estimate,
        lower=bounds.lower,
        upper=bounds.upper,
        n=bounds.n,
        clusters=bounds.clusters,
        kish_clusters=bounds.kish_clusters,
        margin=margin,
        alpha=alpha,
        standard_error=bounds.standard_error,
        design_effect=bounds.design_effect,
        questions_needed=needed,
    )


def _outcome(bounds: Bounds, margin: float, needed: int) -> tuple[Outcome, str]:
    n, clusters = bounds.n, bounds.kish_clusters
    enough = n >= needed and clusters >= PASS_CLUSTERS
    if bounds.lower > -margin and enough:
        return "PASS", ""
    enough_for_regression = n >= REGRESSION_QUESTIONS and clusters >= REGRESSION_CLUSTERS
    if bounds.upper < -margin and enough_for_regression:
        return "REGRESSION", ""
    if not enough:
        return "INCONCLUSIVE", "floor"
    return "INCONCLUSIVE", "worse" if bounds.upper < 0 else "underpowered"
