"""Bounds from labels and a judge against their formulas written out: plain numbers and loops."""

from __future__ import annotations

from math import sqrt
from statistics import covariance, fmean, variance

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from pytest_ragft.stats.prediction_powered import corrected_bounds
from tests.properties.test_gate_oracle import (
    design_effect_of,
    kish_of,
    literal_bounds,
    standard_error_of,
)

SCALE = 1.0


def literal(
    D: list[float],
    J: list[float],
    Ju: list[float],
    labels: list[int],
    others: list[int],
    alpha: float,
) -> tuple[float, float, float, float]:
    """Estimate, L, U and DEFF."""
    n, N = len(D), len(Ju)
    spread = variance([*J, *Ju])
    assume(spread == 0 or spread > 1e-6)
    weight = min(max(covariance(D, J) / ((1 + n / N) * spread), 0.0), 1.0) if spread else 0.0
    assume(weight == 0 or weight > 1e-6)
    e = [d - weight * j for d, j in zip(D, J, strict=True)]
    # A quarter of the scale is met by labels, and hardly by residuals but by their rounding.
    assume(all(abs(abs(x) - SCALE / 4) > 1e-9 or x in D for x in e))
    SE_D = standard_error_of(D, labels, SCALE)
    effect = design_effect_of(D, labels, SE_D, SCALE)
    (L_e, U_e), DEFF = literal_bounds(
        e, labels, alpha, SCALE, limit=(1 + weight) * SCALE, least_effect=effect
    )
    SE_e, SE_u = standard_error_of(e, labels, SCALE), standard_error_of(Ju, others, SCALE)
    psi = []
    for g in sorted({*labels, *others}):
        inside = sum(x - fmean(e) for x, y in zip(e, labels, strict=True) if y == g)
        outside = sum(x - fmean(Ju) for x, y in zip(Ju, others, strict=True) if y == g)
        psi.append(inside / n + weight * outside / N)
    SE_both = sqrt(len(psi) / (len(psi) - 1) * sum(p * p for p in psi))
    apart = sqrt(SE_e**2 + (weight * SE_u) ** 2)
    f = max(1.0, SE_both / apart) if apart > 1e-9 else 1.0
    q = float(stats.t.isf(alpha, max(kish_of(labels) - 1, 1)))
    estimate = weight * fmean(Ju) + fmean(e)
    below = f * sqrt((q * weight * SE_u) ** 2 + (fmean(e) - L_e) ** 2)
    above = f * sqrt((q * weight * SE_u) ** 2 + (U_e - fmean(e)) ** 2)
    return estimate, max(estimate - below, -SCALE), min(estimate + above, SCALE), DEFF


@settings(max_examples=300)
@given(
    st.integers(0, 2**32),
    st.integers(5, 60),
    st.integers(5, 90),
    st.integers(2, 30),
    st.sampled_from([[-1.0, 0.0, 1.0], [-1.0, 0.0, 0.0, 0.0], [0.0, 0.25, -0.5], [0.0]]),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.sampled_from([0.1, 0.05, 0.0125]),
)
def test_corrected_bounds_are_the_literal_formula(
    seed: int, n: int, others: int, groups: int, values: list[float], noise: float, alpha: float
) -> None:
    """Documents share most of their difference, and the judge sees it with noise."""
    rng = np.random.default_rng(seed)
    documents = rng.integers(0, groups, n + others)
    shared = rng.choice(values, groups)[documents]
    human = np.where(rng.random(n + others) < 0.7, shared, rng.choice(values, n + others))
    judged = np.clip(human + noise * rng.choice([-1, 0, 1], n + others), -1, 1)
    labels, rest = documents[:n].tolist(), documents[n:].tolist()
    assume(len(set(labels)) > 1)
    assume(len(set(rest)) > 1)

    found = corrected_bounds(
        human[:n], judged[:n], judged[n:], alpha=alpha, clusters=labels, other_clusters=rest
    )

    expected = literal(
        human[:n].tolist(), judged[:n].tolist(), judged[n:].tolist(), labels, rest, alpha
    )
    assert (found.estimate, found.lower, found.upper, found.design_effect) == pytest.approx(
        expected, abs=1e-8
    )
    assert found.kish_clusters == pytest.approx(kish_of(labels))
