"""`decide` against the rule written out literally: plain numbers, loops and scipy.stats."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isclose, log, sqrt

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy import stats

from pytest_ragft.gate import decide

Interval = tuple[float, float]


def jackknife_of(sums: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """By how much the mean moves when one document after the other is left out, times n."""
    n, total = sum(sizes), sum(sums)
    return [n * (total / n - (total - s) / (n - size)) for s, size in zip(sums, sizes, strict=True)]


def error_of(sums: Sequence[float], sizes: Sequence[float]) -> float:
    count = len(sums)
    moves = [r / sum(sizes) for r in jackknife_of(sums, sizes)]
    return sqrt((count - 1) / count * sum(move**2 for move in moves))


def skewness_of(values: Sequence[float]) -> float:
    count = len(values)
    return (sum(x**3 for x in values) / count) / (sum(x**2 for x in values) / count) ** 1.5


def kish_of(labels: Sequence[int]) -> float:
    sizes = [labels.count(g) for g in set(labels)]
    return len(labels) ** 2 / sum(size**2 for size in sizes)


def design_effect_of(d: Sequence[float], labels: Sequence[int], SE: float, scale: float) -> float:
    n = len(d)
    largest = max(1.0, n / kish_of(labels))
    moved = {y for x, y in zip(d, labels, strict=True) if abs(x) >= scale / 4}
    independent = sqrt(sum((x - sum(d) / n) ** 2 for x in d) / (n - 1)) / sqrt(n)
    if len(moved) < 5:
        return largest
    if independent < 1e-12 * scale:
        return 1.0
    return min(max((SE / independent) ** 2, 1.0), largest)


def standard_error_of(d: Sequence[float], labels: Sequence[int], scale: float) -> float:
    """Rule 1; `assume` leaves out what rounding alone decides."""
    groups = sorted(set(labels))
    S = [sum(x for x, y in zip(d, labels, strict=True) if y == g) for g in groups]
    SE = error_of(S, [labels.count(g) for g in groups])
    assume(not 1e-14 * scale < SE < 1e-9 * scale)
    return 0.0 if 1e-12 * scale > SE else SE


def literal_bounds(
    d: Sequence[float],
    labels: Sequence[int],
    alpha: float,
    scale: float,
    *,
    limit: float | None = None,
    least_effect: float = 1.0,
) -> tuple[Interval, float]:
    """Rules 1 to 4, and DEFF."""
    limit = scale if limit is None else limit
    n, groups = len(d), sorted(set(labels))
    count = len(groups)
    if n < 2 or count < 2:
        return (-limit, limit), n
    S = [sum(x for x, y in zip(d, labels, strict=True) if y == g) for g in groups]
    N = [labels.count(g) for g in groups]
    mean = sum(S) / n
    SE = standard_error_of(d, labels, scale)
    q = float(stats.t.isf(alpha, max(kish_of(labels) - 1, 1)))
    DEFF = max(design_effect_of(d, labels, SE, scale), least_effect)
    assume(not isclose(n / DEFF, 20, rel_tol=1e-8) or n / DEFF == 20)

    def guarded(sign: int) -> float:
        sums, sizes = [*S, sign * scale / 2 * DEFF], [*N, DEFF]
        m = sum(sums) / sum(sizes)
        return m + sign * q * error_of(sums, sizes)

    low, high = guarded(-1), guarded(+1)
    if SE > 0:
        gamma = skewness_of([r * count / n for r in jackknife_of(S, N)])
        assume(not isclose(abs(gamma), 1e-3, rel_tol=1e-6))
        long_tail = q * SE
        if abs(gamma) >= 1e-3:
            kappa = count / gamma**2
            point = float(stats.gamma.isf(stats.norm.cdf(-q), kappa + 1))
            long_tail = max(long_tail, SE * abs(gamma) / sqrt(count) * (point - kappa))
        low = min(low, mean - (long_tail if gamma < 0 else q * SE))
        above = mean + (long_tail if gamma > 0 else q * SE)
        high = max(high, above) if n / DEFF < 20 else above
    return (max(low, -limit), min(high, limit)), DEFF


def literal_verdict(
    interval: Interval,
    independent: float,
    n: int,
    kish: float,
    margins: tuple[float, float],
    alpha: float,
    scale: float,
) -> tuple[str, str]:
    """Rule 5."""
    low, high = interval
    margin, regression_margin = margins
    assume(not isclose(low, -margin, abs_tol=1e-9))
    assume(not isclose(high, -regression_margin, abs_tol=1e-9))
    assume(not isclose(high, 0, abs_tol=1e-9))
    needed = ceil(log(alpha) / log(1 - min(margins) / scale))
    enough = independent * (1 + 1e-9) >= needed and kish >= 20
    if low > -margin and enough:
        return "PASS", ""
    if high < -regression_margin and n >= 8 and kish >= 5:
        return "REGRESSION", ""
    if not enough:
        return "INCONCLUSIVE", "floor"
    return "INCONCLUSIVE", "worse" if high < 0 else "underpowered"


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[list[float], list[int]]:
    n = draw(st.integers(1, 150))
    pool = draw(
        st.sampled_from(
            [[0.0], [-1.0, 0.0], [0.0, 0.0, 0.0, -1.0, 1.0], [-0.25, 0.0, 0.25], [-0.2, -0.1, 0.0]]
        )
    )
    values = st.one_of(st.sampled_from(pool), st.sampled_from(pool), st.floats(-1, 1))
    d = draw(st.lists(values, min_size=n, max_size=n))
    per_document = draw(st.integers(0, 6))
    if per_document:
        return d, [i // per_document for i in range(n)]
    return d, draw(st.lists(st.integers(0, 70), min_size=n, max_size=n))


# Ties with some documents of which every question failed, and one document that is much larger.
TWO_FAILED = [-1.0 if i < 10 else 0.0 for i in range(300)]
LARGE = [-0.25 if i < 80 and i % 4 == 0 else 0.0 for i in range(400)]


@settings(max_examples=400)
@given(
    comparisons(),
    st.sampled_from([1.0, 4.0]),
    st.sampled_from([(0.02, 0.02), (0.05, 0.05), (0.2, 0.2), (0.03, 0.05)]),
    st.sampled_from([0.1, 0.05, 0.0125, 0.002]),
)
@example(([0.0] * 150, list(range(150))), 1.0, (0.05, 0.05), 0.05)
@example(([-0.3] * 60, list(range(60))), 1.0, (0.05, 0.05), 0.05)
@example(([-1.0, -0.1] + [0.0] * 148, list(range(150))), 1.0, (0.05, 0.05), 0.05)
@example(([0.0, 0.25] * 75, [i // 3 for i in range(150)]), 1.0, (0.05, 0.05), 0.05)
@example(([-0.2, -0.1, -0.1] * 50, [i // 3 for i in range(150)]), 1.0, (0.05, 0.05), 0.05)
@example((TWO_FAILED, [i // 5 for i in range(300)]), 1.0, (0.05, 0.05), 0.05)
@example((LARGE, [max(i - 79, 0) for i in range(400)]), 1.0, (0.05, 0.05), 0.05)
@example(([0.0] * 100, [i // 5 for i in range(100)]), 4.0, (0.05, 0.05), 0.05)
@example(([-0.08] * 11 + [1.0], list(range(12))), 1.0, (0.05, 0.05), 0.05)
@example(([-0.6, -0.4] * 4, list(range(8))), 1.0, (0.05, 0.2), 0.05)
def test_decide_is_the_literal_rule(
    comparison: tuple[list[float], list[int]],
    scale: float,
    fractions: tuple[float, float],
    alpha: float,
) -> None:
    d, labels = [scale * x for x in comparison[0]], comparison[1]
    margins = scale * fractions[0], scale * fractions[1]
    rule = {
        "margin": margins[0],
        "regression_margin": margins[1],
        "alpha": alpha,
        "scale": scale,
    }

    verdict = decide(d, labels, **rule)

    expected, effect = literal_bounds(d, labels, alpha, scale)
    assert (verdict.lower, verdict.upper) == pytest.approx(expected, abs=1e-9 * scale)
    assert verdict.estimate == pytest.approx(sum(d) / len(d), abs=1e-12 * scale)
    assert verdict.clusters == len(set(labels))
    assert verdict.kish_clusters == pytest.approx(kish_of(labels))
    assert verdict.design_effect == pytest.approx(effect)
    assert verdict.independent == pytest.approx(len(d) / effect)
    assert (verdict.outcome, verdict.reason) == literal_verdict(
        expected, len(d) / effect, len(d), kish_of(labels), margins, alpha, scale
    )
    if len(set(labels)) == len(d):
        alone = decide(d, **rule)
        assert (alone.lower, alone.upper) == pytest.approx(expected, abs=1e-9 * scale)
