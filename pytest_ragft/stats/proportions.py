"""Exact bounds for a share."""

from __future__ import annotations


def upper_share(successes: int, n: int, *, alpha: float) -> float:
    """Exact one-sided upper bound of a share; 1 when there is nothing to count.

    Args:
        successes: Number of questions with the property, 0 <= successes <= n.
        n: Number of questions.
        alpha: One-sided error rate, in (0, 1).

    Raises:
        ValueError: More successes than questions, or fewer than none.

    Source:
        Clopper and Pearson (1934), the beta quantile form.
    """
    from scipy.special import betaincinv

    if not 0 <= successes <= n:
        raise ValueError(f"successes = {successes!r}: give a number from 0 to n = {n!r}")
    if successes == n:
        return 1.0
    return float(betaincinv(successes + 1, n - successes, 1 - alpha))
