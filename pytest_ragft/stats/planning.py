"""How small a drop a comparison can find, and how many questions it takes."""

from __future__ import annotations

from bisect import bisect_left
from math import ceil, log, log1p, sqrt

from pytest_ragft.stats.noninferiority import Bounds

POWER = 0.8

# Floors below which no data decide; PASS asks for n₀ questions besides.
PASS_CLUSTERS = 20
REGRESSION_QUESTIONS = 20
REGRESSION_CLUSTERS = 5

# Nobody writes more questions than this to settle one gate.
_PRACTICAL = 100_000


def fewest_questions(alpha: float, margin: float, scale: float = 1.0) -> int:
    """n₀: with fewer questions not even all ties exclude total failures at a rate of the margin.

    ``ceil(ln alpha / ln(1 - margin / scale))``: the number of questions among which a failure of
    that rate would show up at least once, with probability 1 - alpha.
    """
    return ceil(log(alpha) / log1p(-margin / scale))


def detectable_drop(standard_error: float, *, alpha: float, power: float = POWER) -> float:
    """Smallest true drop that a one-sided test at `alpha` would find with probability `power`.

    Args:
        standard_error: Of the mean difference, in score units.
        alpha: One-sided error rate.
        power: Probability of finding the drop.

    Source:
        Normal approximation, (z_{1-alpha} + z_power) * standard error.
    """
    return _normal_distance(alpha, power) * standard_error


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
    bounds: Bounds, *, margin: float, alpha: float, scale: float = 1.0
) -> int | None:
    """About how many questions in all would turn an undecided comparison into a decided one.

    Supposes that the estimate is the truth and that further questions come in documents like
    those at hand. Above -margin the way leads to PASS, below it to REGRESSION.

    Args:
        bounds: Of the undecided comparison.
        margin: In score units, in (0, scale).
        alpha: One-sided error rate.
        scale: Width of the metric's scale in score units.

    Returns:
        More than `bounds.n`; None when the estimate is so close to -margin that no practical
        number of questions would tell them apart.
    """
    distance = abs(bounds.estimate + margin)
    if distance < 1e-12 * scale:
        return None
    passing = bounds.estimate > -margin
    width = bounds.estimate - bounds.lower if passing else bounds.upper - bounds.estimate
    needed = bounds.n + 1
    if bounds.clusters >= 2:
        slack = max(width - _normal_distance(alpha, 0.5) * bounds.standard_error, 0.0)
        variance = bounds.n * bounds.standard_error**2
        required = questions_for(distance, variance, alpha=alpha, slack=bounds.n * slack)
        needed = max(needed, required)
    questions = fewest_questions(alpha, margin, scale) if passing else REGRESSION_QUESTIONS
    clusters = PASS_CLUSTERS if passing else REGRESSION_CLUSTERS
    if bounds.n:
        questions = max(questions, ceil(clusters * bounds.n / bounds.kish_clusters))
    needed = max(needed, questions)
    return needed if needed <= _PRACTICAL else None


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

    Supposes that nothing changed between the arms, and that the labelled differences spread as the
    judged ones do.

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
    fewest = max(fewest_questions(alpha, margin, scale), PASS_CLUSTERS)
    if bounds.clusters < 2 or fewest > total:
        return None
    variance = total * bounds.standard_error**2
    width = bounds.estimate - bounds.lower
    slack = total * max(width - _normal_distance(alpha, 0.5) * bounds.standard_error, 0.0)
    shared = correlation**2

    def suffices(n: int) -> bool:
        spread = sqrt(variance * ((1 - shared) / n + shared / total))
        return slack / n + distance * spread <= margin

    if not suffices(total):
        return None
    return fewest + bisect_left(range(fewest, total), True, key=suffices)


def _normal_distance(alpha: float, power: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(power) - ndtri(alpha))
