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


def error_of(residuals: Sequence[float], n: float) -> float:
    count = len(residuals)
    return sqrt(count / (count - 1) * sum(e**2 for e in residuals)) / n


def skewness_of(values: Sequence[float]) -> float:
    count = len(values)
    return (sum(x**3 for x in values) / count) / (sum(x**2 for x in values) / count) ** 1.5


def kish_of(labels: Sequence[int]) -> float:
    sizes = [labels.count(g) for g in set(labels)]
    return len(labels) ** 2 / sum(size**2 for size in sizes)


def literal_bounds(
    d: Sequence[float], labels: Sequence[int], alpha: float, scale: float
) -> Interval:
    """Rules 1 to 4. `assume` leaves out what rounding alone decides: the edges of two cases."""
    n, groups = len(d), sorted(set(labels))
    count = len(groups)
    if n < 2 or count < 2:
        return -scale, scale
    S = [sum(x for x, y in zip(d, labels, strict=True) if y == g) for g in groups]
    N = [labels.count(g) for g in groups]
    mean = sum(S) / n
    e = [s - size * mean for s, size in zip(S, N, strict=True)]
    SE = error_of(e, n)
    assume(not 1e-14 * scale < SE < 1e-9 * scale)
    SE = 0.0 if 1e-12 * scale > SE else SE
    q = float(stats.t.isf(alpha, max(kish_of(labels) - 1, 1)))

    independent = sqrt(sum((x - sum(d) / n) ** 2 for x in d) / (n - 1)) / sqrt(n)
    deff = 1.0
    if independent >= 1e-12 * scale:
        deff = min(max((SE / independent) ** 2, 1.0), max(1.0, n / count))

    def guarded(sign: int) -> float:
        pseudo, total = sign * scale / 2 * deff, n + deff
        m = (sum(S) + pseudo) / total
        around = [s - size * m for s, size in zip(S, N, strict=True)] + [pseudo - deff * m]
        return m + sign * q * error_of(around, total)

    low, high = guarded(-1), guarded(+1)
    if SE > 0:
        gamma = skewness_of([x * count / n for x in e])
        assume(not isclose(abs(gamma), 1e-3, rel_tol=1e-6))
        long_tail = q * SE
        if abs(gamma) >= 1e-3:
            kappa = count / gamma**2
            point = float(stats.gamma.isf(stats.norm.cdf(-q), kappa + 1))
            long_tail = max(long_tail, SE * abs(gamma) / sqrt(count) * (point - kappa))
        low = min(low, mean - (long_tail if gamma < 0 else q * SE))
        high = mean + (long_tail if gamma > 0 else q * SE)
    return max(low, -scale), min(high, scale)


def literal_verdict(
    interval: Interval, n: int, kish: float, margin: float, alpha: float, scale: float
) -> tuple[str, str]:
    """Rule 5."""
    low, high = interval
    assume(not isclose(low, -margin, abs_tol=1e-9) and not isclose(high, -margin, abs_tol=1e-9))
    assume(not isclose(high, 0, abs_tol=1e-9))
    needed = ceil(log(alpha) / log(1 - margin / scale))
    if low > -margin and n >= needed and kish >= 20:
        return "PASS", ""
    if high < -margin and n >= 20 and kish >= 5:
        return "REGRESSION", ""
    if n < needed or kish < 20:
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


@settings(max_examples=400)
@given(
    comparisons(),
    st.sampled_from([1.0, 4.0]),
    st.sampled_from([0.02, 0.05, 0.2]),
    st.sampled_from([0.1, 0.05, 0.0125, 0.002]),
)
@example(([0.0] * 150, list(range(150))), 1.0, 0.05, 0.05)
@example(([-0.3] * 60, list(range(60))), 1.0, 0.05, 0.05)
@example(([-1.0, -0.1] + [0.0] * 148, list(range(150))), 1.0, 0.05, 0.05)
@example(([0.0, 0.25] * 75, [i // 3 for i in range(150)]), 1.0, 0.05, 0.05)
@example(([-0.2, -0.1, -0.1] * 50, [i // 3 for i in range(150)]), 1.0, 0.05, 0.05)
def test_decide_is_the_literal_rule(
    comparison: tuple[list[float], list[int]], scale: float, fraction: float, alpha: float
) -> None:
    d, labels = [scale * x for x in comparison[0]], comparison[1]
    margin = scale * fraction

    verdict = decide(d, labels, margin=margin, alpha=alpha, scale=scale)

    expected = literal_bounds(d, labels, alpha, scale)
    assert (verdict.lower, verdict.upper) == pytest.approx(expected, abs=1e-9 * scale)
    assert verdict.estimate == pytest.approx(sum(d) / len(d), abs=1e-12 * scale)
    assert verdict.clusters == len(set(labels))
    assert verdict.kish_clusters == pytest.approx(kish_of(labels))
    assert (verdict.outcome, verdict.reason) == literal_verdict(
        expected, len(d), kish_of(labels), margin, alpha, scale
    )
    if len(set(labels)) == len(d):
        alone = decide(d, margin=margin, alpha=alpha, scale=scale)
        assert (alone.lower, alone.upper) == pytest.approx(expected, abs=1e-9 * scale)
