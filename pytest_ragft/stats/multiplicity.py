"""How an error rate is shared by several tests; `spending` shares it among looks."""

from __future__ import annotations

_FREE_GUARDS = 6


def shared_alpha(alpha: float, *, tests: int) -> float:
    """Error rate left for one test, so that all of them together keep `alpha`.

    Args:
        alpha: Error rate of the whole family.
        tests: Number of tests of which any one decides, at least 1.

    Raises:
        ValueError: A number below 1.

    Source:
        Bonferroni's inequality; it holds however the tests depend on each other.
    """
    if tests < 1:
        raise ValueError(f"tests = {tests!r}: give a whole number of at least 1")
    return alpha / tests


def guard_level(alpha: float, guards: int) -> float:
    """Error rate at which each of several guards decides: ``min(alpha, 6 * alpha / guards)``.

    A guard claims REGRESSION only below the margin, which hardly happens where nothing changed; so
    six guards at alpha veto an unchanged variant in about 5 % of runs (simulated), and a plain
    Bonferroni would buy nothing and cost most of the veto.

    Raises:
        ValueError: Fewer than one guard.
    """
    share = shared_alpha(alpha, tests=guards)
    return alpha if guards <= _FREE_GUARDS else _FREE_GUARDS * share


def any_of(alpha: float, variants: int) -> float:
    """Probability that at least one of several independent tests errs, ``1 - (1 - alpha)^V``.

    Variants of one recipe depend on each other, so theirs is somewhat smaller.
    """
    return 1.0 - (1.0 - alpha) ** variants
