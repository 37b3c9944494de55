"""What a comparison of this size is worth, and how many questions a decision takes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import ceil, log, log1p, sqrt

from pytest_ragft.stats.noninferiority import ROUNDING, Bounds

POWER = 0.8

# Floors below which no data decide; PASS asks for n₀ independent questions besides.
PASS_CLUSTERS = 20
REGRESSION_QUESTIONS = 8
REGRESSION_CLUSTERS = 5

# Nobody writes more questions than this to settle one gate.
_PRACTICAL = 100_000


def fewest_questions(alpha: float, margin: float, scale: float = 1.0) -> int:
    """n₀: with fewer questions not even all ties exclude total failures at a rate of the margin.

    ``ceil(ln alpha / ln(1 - margin / scale))``: the number of questions among which a failure of
    that rate would show up at least once, with probability 1 - alpha.
    """
    return ceil(log(alpha) / log1p(-margin / scale))


def may_pass(bounds: Bounds, needed: int) -> bool:
    """Whether there are enough clusters and `needed` independent questions for a PASS."""
    enough = bounds.independent >= needed * (1 - ROUNDING)
    return enough and bounds.kish_clusters >= PASS_CLUSTERS


def pass_probability(bounds: Bounds, *, margin: float, needed: int) -> float:
    """Probability that a variant with a true difference of 0 would PASS in a run like this one.

    Args:
        bounds: Of the run; their width below the estimate is taken for that of others like it.
        margin: What PASS excludes a drop by, in score units.
        needed: n₀; 0 where the run is below the floor.

    Source:
        Normal approximation, Φ((margin - w) / SE) with w = estimate - lower.
    """
    from scipy.special import ndtr

    if not may_pass(bounds, needed):
        return 0.0
    room = margin - (bounds.estimate - bounds.lower)
    if bounds.standard_error == 0.0:
        return float(room > 0)
    return float(ndtr(room / bounds.standard_error))


def blocked_drop(bounds: Bounds, *, margin: float, power: float = POWER) -> float:
    """True drop that a primary gate would not PASS with probability `power`, in score units.

    ``margin - w + z_power * SE`` with w = estimate - lower. Below 0 where even an improvement would
    be blocked, and where the run is below the floor everything is.
    """
    below = bounds.estimate - bounds.lower
    return margin - below + _normal_quantile(power) * bounds.standard_error


def vetoed_drop(bounds: Bounds, *, margin: float, power: float = POWER) -> float:
    """True drop that would be a REGRESSION with probability `power`, in score units.

    ``margin + w + z_power * SE`` with w = upper - estimate; beyond the scale nothing is vetoed.

    Args:
        bounds: Of the run.
        margin: What a drop exceeds in a REGRESSION.
        power: Probability of the veto.
    """
    above = bounds.upper - bounds.estimate
    return margin + above + _normal_quantile(power) * bounds.standard_error


def can_regress(bounds: Bounds) -> bool:
    """Whether there are enough questions and clusters for a REGRESSION, whatever the scores."""
    return bounds.n >= REGRESSION_QUESTIONS and bounds.kish_clusters >= REGRESSION_CLUSTERS


def questions_for(
    distance: float, variance: float, *, alpha: float, slack: float = 0.0, power: float = POWER
) -> int:
    """Number of questions that tell a mean apart from a value `distance` away from it.

    Args:
        distance: Difference to be found, in score units, above 0.
        variance: Of the difference of one question, clustering included.
        alpha: One-sided error rate.
        slack: What a bound adds to its normal width, times the number of questions: skewness and
            pseudo-observations fall with 1/n, not with its root.
        power: Probability of finding the difference.

    Source:
        Miller (2024), "Adding error bars to evals", for paired questions; with slack, the root of
        ``slack / n + (z_{1-alpha} + z_power) * sqrt(variance / n) = distance``.
    """
    spread = _normal_distance(alpha, power) * sqrt(variance)
    root = (spread + sqrt(spread**2 + 4 * slack * distance)) / (2 * distance)
    return ceil(root**2)


def questions_to_decide(
    bounds: Bounds,
    *,
    margin: float,
    alpha: float,
    scale: float = 1.0,
    regression_margin: float | None = None,
    most: int | None = None,
) -> int | None:
    """About how many questions in all would decide an undecided comparison, with 80 % power.

    Supposes that the estimate is the truth and that further questions come in documents like
    those at hand. Above -margin the way leads to PASS, below it to REGRESSION.

    Args:
        bounds: Of the undecided comparison.
        margin: What PASS excludes a drop by, in score units, in (0, scale).
        alpha: One-sided error rate.
        scale: Width of the metric's scale in score units.
        regression_margin: What a drop exceeds in a REGRESSION; None for `margin`.
        most: So many questions there are at most; None where more can be written.

    Returns:
        More than `bounds.n`; None when the estimate is so close to -margin, or between the two
        margins, that no practical number of questions would tell them apart, or no more than
        `most`.
    """
    regression_margin = margin if regression_margin is None else regression_margin
    passing = bounds.estimate > -margin
    distance = abs(bounds.estimate + (margin if passing else regression_margin))
    between = not passing and bounds.estimate >= -regression_margin
    if between or distance < 1e-12 * scale:
        return None
    needed = bounds.n + 1
    if bounds.clusters >= 2:
        width = bounds.estimate - bounds.lower if passing else bounds.upper - bounds.estimate
        slack = max(width - _normal_distance(alpha, 0.5) * bounds.standard_error, 0.0)
        variance = bounds.n * bounds.standard_error**2
        required = questions_for(distance, variance, alpha=alpha, slack=bounds.n * slack)
        needed = max(needed, required)
    needed = max(needed, _floor(bounds, passing, min(margin, regression_margin), alpha, scale))
    return needed if needed <= (_PRACTICAL if most is None else most) else None


def documents_for(questions: int, bounds: Bounds) -> int:
    """Number of documents that so many questions come in, if they are like those of the bounds."""
    return ceil(questions * bounds.clusters / bounds.n) if bounds.n else questions


def documents_like(sizes: Sequence[int], questions: int) -> int:
    """Number of documents that so many questions come in, if they are like those of `sizes`."""
    return ceil(questions * len(sizes) / sum(sizes))


def _floor(bounds: Bounds, passing: bool, margin: float, alpha: float, scale: float) -> int:
    """Fewest questions for the verdict on the way, in documents like those at hand."""
    clusters = PASS_CLUSTERS if passing else REGRESSION_CLUSTERS
    questions: float = REGRESSION_QUESTIONS
    if passing:
        questions = fewest_questions(alpha, margin, scale) * bounds.design_effect
    if bounds.n:
        questions = max(questions, clusters * bounds.n / bounds.kish_clusters)
    return ceil(questions * (1 - ROUNDING))


def labels_to_pass(
    bounds: Bounds,
    *,
    correlation: float,
    margin: float,
    alpha: float,
    scale: float = 1.0,
    power: float = POWER,
) -> int | None:
    """About how many of a comparison's questions people must label for a corrected PASS.

    Supposes that nothing changed between the arms, that the labelled differences spread as the
    judged ones do, and that the labelled questions are drawn at random: fewer of them share a
    document.

    Args:
        bounds: By the judge's scores, over all questions.
        correlation: Between judged and labelled differences, in [-1, 1]; 0 for labels alone.
        margin: In score units, in (0, scale).
        alpha: One-sided error rate.
        scale: Width of the metric's scale in score units.
        power: Probability of the PASS.

    Returns:
        At least n₀; None when labels for all questions would not suffice.

    Source:
        The variance of PPI++ at its best weight, ``v ((1 - r²) / n + r² / T)`` with n labels among
        T questions (Angelopoulos, Duchi and Zrnic 2023), and what the guarded bounds add to a
        normal width, which falls with 1/n.
    """
    total, distance = bounds.n, _normal_distance(alpha, power)
    needed = fewest_questions(alpha, margin, scale)
    fewest = max(needed, PASS_CLUSTERS)
    if bounds.clusters < 2 or fewest > total:
        return None
    variance = total * bounds.standard_error**2
    width = bounds.estimate - bounds.lower
    slack = total * max(width - _normal_distance(alpha, 0.5) * bounds.standard_error, 0.0)
    shared = correlation**2

    def suffices(n: int) -> bool:
        # Of the other questions of a drawn one's document so large a part is drawn as well.
        kept = (n - 1) / (total - 1)
        effect = 1 + (bounds.design_effect - 1) * kept
        clusters = n / (1 + (total / bounds.kish_clusters - 1) * kept)
        worth = n * bounds.design_effect / effect
        spread = sqrt(variance * ((1 - shared) / worth + shared / total))
        return (
            n / effect >= needed * (1 - ROUNDING)
            and clusters >= PASS_CLUSTERS * (1 - ROUNDING)
            and slack / worth + distance * spread <= margin
        )

    if not suffices(total):
        return None
    return fewest + bisect_left(range(fewest, total), True, key=suffices)


def _normal_distance(alpha: float, power: float) -> float:
    return _normal_quantile(power) - _normal_quantile(alpha)


def _normal_quantile(probability: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(probability))
