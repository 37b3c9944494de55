"""The decision rule on plain differences."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import isfinite
from typing import Any

from numpy.typing import ArrayLike, NDArray

from pytest_ragft.records import Outcome, Verdict
from pytest_ragft.stats.clusters import checked_values, cluster_codes
from pytest_ragft.stats.noninferiority import Bounds, mean_bounds
from pytest_ragft.stats.planning import can_regress, fewest_questions, may_pass

MAX_ALPHA = 0.1


def decide(
    differences: ArrayLike,
    clusters: Sequence[Hashable] | NDArray[Any] | None = None,
    *,
    margin: float,
    alpha: float = 0.05,
    scale: float = 1.0,
    regression_margin: float | None = None,
) -> Verdict:
    """Whether a variant is at most `margin` worse than the baseline, on the same questions.

    Closed form, without random numbers. PASS is wrong with a probability of about `alpha` at most
    when the true mean difference is -margin or lower, REGRESSION when it is -regression_margin or
    higher.

    Args:
        differences: Variant minus baseline of each question in score units, shape [n]; finite and
            within ±scale. Ties stay in. Repeated judgements of one answer are averaged first.
        clusters: Source document of each question, shape [n]: integers, strings or other
            hashables. None: every question is its own.
        margin: Drop of the mean that is just not acceptable, in score units, in (0, scale).
        alpha: One-sided error rate, in (0, 0.1].
        scale: Width of the metric's scale in score units: 1 for scores in [0, 1].
        regression_margin: Drop beyond which a variant is a REGRESSION, in (0, scale); None for
            `margin`. The two differ where a margin in another unit is known as an interval only.

    Returns:
        The verdict. `reason` is empty for PASS and REGRESSION, else ``floor`` (too few independent
        questions or clusters for a PASS), ``worse`` (surely worse, but not surely by more than the
        margin) or ``underpowered`` (the bounds span the margin).

    Raises:
        ValueError: A number out of its range, a difference that is not finite, or labels that
            are missing or do not fit the differences.
    """
    for drop in (margin, margin if regression_margin is None else regression_margin):
        check_rule(margin=drop, alpha=alpha, scale=scale)
    values = checked_values(differences, name="differences", limit=scale)
    codes = None if clusters is None else cluster_codes(clusters, values.size)
    bounds = mean_bounds(values, codes, alpha=alpha, scale=scale)
    return verdict_on(
        bounds, margin=margin, alpha=alpha, scale=scale, regression_margin=regression_margin
    )


def check_rule(*, margin: float, alpha: float, scale: float) -> None:
    """Raises ValueError unless 0 < margin < scale < infinity and 0 < alpha <= 0.1."""
    if not (isfinite(scale) and scale > 0):
        raise ValueError(f"scale = {scale!r}: give a finite number above 0")
    if not 0 < margin < scale:
        raise ValueError(f"margin = {margin!r}: give a number between 0 and the scale, {scale!r}")
    if not 0 < alpha <= MAX_ALPHA:
        raise ValueError(f"alpha = {alpha!r}: give a number above 0 and up to {MAX_ALPHA!r}")


def verdict_on(
    bounds: Bounds,
    *,
    margin: float,
    alpha: float,
    scale: float,
    regression_margin: float | None = None,
) -> Verdict:
    """The verdict that bounds at `alpha` lead to; the rule's numbers are checked already."""
    regression_margin = margin if regression_margin is None else regression_margin
    needed = fewest_questions(alpha, min(margin, regression_margin), scale)
    outcome, reason = _outcome(bounds, margin, regression_margin, needed)
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
        regression_margin=regression_margin,
        alpha=alpha,
        standard_error=bounds.standard_error,
        design_effect=bounds.design_effect,
        independent=bounds.independent,
        questions_needed=needed,
    )


def _outcome(
    bounds: Bounds, margin: float, regression_margin: float, needed: int
) -> tuple[Outcome, str]:
    # First, since with a margin above the regression margin bounds may be beyond both.
    if bounds.upper < -regression_margin and can_regress(bounds):
        return "REGRESSION", ""
    if not may_pass(bounds, needed):
        return "INCONCLUSIVE", "floor"
    if bounds.lower > -margin:
        return "PASS", ""
    return "INCONCLUSIVE", "worse" if bounds.upper < 0 else "underpowered"
