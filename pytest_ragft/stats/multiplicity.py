"""How an error rate is shared by several looks or several tests."""

from __future__ import annotations


def shared_alpha(alpha: float, *, looks: int = 1, tests: int = 1) -> float:
    """Error rate left for one test at one look, so that all of them together keep `alpha`.

    Args:
        alpha: Error rate of the whole family.
        looks: Announced number of looks at growing data, at least 1.
        tests: Number of tests of which any one decides, at least 1.

    Raises:
        ValueError: A number below 1.

    Source:
        Bonferroni's inequality; it holds however the looks or tests depend on each other.
    """
    for name, value in (("looks", looks), ("tests", tests)):
        if value < 1:
            raise ValueError(f"{name} = {value!r}: give a whole number of at least 1")
    return alpha / (looks * tests)
