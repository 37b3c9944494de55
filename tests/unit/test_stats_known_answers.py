"""The statistics against published results."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy.stats import norm, permutation_test, t

from pytest_ragft.stats.agreement import Level, krippendorff_alpha
from pytest_ragft.stats.noninferiority import Bounds, mean_bounds, t_quantile
from pytest_ragft.stats.planning import questions_for
from pytest_ragft.stats.prediction_powered import corrected_bounds
from pytest_ragft.stats.spending import look_levels

# Hours of sleep gained by ten patients with each of two drugs (Student 1908).
SLEEP_FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SLEEP_SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])

# Crossed less self-fertilised maize of fifteen pots, eighths of an inch (Darwin 1876).
MAIZE = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48], dtype=float)

# Approval of the prime minister, asked twice: both, first only, second only, neither (Agresti).
APPROVAL = (794, 150, 86, 570)


def approval_differences() -> np.ndarray:
    both, first, second, neither = APPROVAL
    return np.array([0.0] * (both + neither) + [-1.0] * first + [1.0] * second)


def test_students_sleep_paired_t() -> None:
    found = mean_bounds(SLEEP_FIRST - SLEEP_SECOND, alpha=0.025, scale=6.0)
    reach = t_quantile(0.025, found.kish_clusters) * found.standard_error

    assert found.estimate / found.standard_error == pytest.approx(-4.0621, abs=5e-5)
    interval = (found.estimate - reach, found.estimate + reach)
    assert interval == pytest.approx((-2.4599, -0.7001), abs=5e-5)
    # The two-sided p-value is twice the alpha at which the interval ends at 0.
    at_p = t_quantile(0.002833 / 2, found.kish_clusters)
    assert at_p == pytest.approx(4.0621, abs=5e-4)


def test_darwins_maize_exact_sign_flip() -> None:
    """Student's t from our error comes close to the exact share of all 2**15 sign flips."""
    exact = permutation_test(
        (MAIZE,), np.mean, permutation_type="samples", alternative="greater", n_resamples=np.inf
    )
    assert exact.pvalue == pytest.approx(863 / 32768, abs=1e-12)

    found = mean_bounds(MAIZE, alpha=0.05, scale=100.0)
    statistic = found.estimate / found.standard_error
    assert t.sf(statistic, found.kish_clusters - 1) == pytest.approx(exact.pvalue, abs=2e-3)


def test_agrestis_approval_change() -> None:
    n = sum(APPROVAL)
    found = mean_bounds(approval_differences(), alpha=0.025)
    reach = norm.isf(0.025) * found.standard_error
    # McNemar's statistic takes the spread about 0, the interval takes it about the mean.
    about_zero = (n - 1) * found.standard_error**2 + found.estimate**2

    assert found.estimate == pytest.approx(-0.04)
    interval = (found.estimate - reach, found.estimate + reach)
    assert interval == pytest.approx((-0.0587, -0.0213), abs=5e-5)
    assert n * found.estimate**2 / about_zero == pytest.approx(17.356, abs=5e-4)
    corrected = (abs(n * found.estimate) - 1) ** 2 / (n * about_zero)
    assert corrected == pytest.approx(16.818, abs=5e-4)


def test_miller_number_of_questions() -> None:
    assert questions_for(0.03, 1 / 9, alpha=0.025) == 969


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_krippendorffs_four_observers_and_twelve_units(level: Level, alpha: float) -> None:
    gap = np.nan
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, gap, gap, gap],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, gap, 3],
        [gap, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, gap],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, gap],
    ]
    assert krippendorff_alpha(observers, level=level) == pytest.approx(alpha, abs=5e-4)


@pytest.mark.parametrize("groups", [2, 7, 40, 200])
def test_cluster_robust_error_of_equal_documents_is_that_of_statsmodels(groups: int) -> None:
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(groups)
    clusters = rng.permutation(np.arange(5 * groups) % groups)
    differences = rng.uniform(-1, 1, clusters.size) + rng.uniform(-0.5, 0.5, groups)[clusters]
    model = sm.OLS(differences, np.ones(clusters.size))
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": clusters})

    found = mean_bounds(differences, clusters, alpha=0.05, scale=2.0)

    assert found.standard_error == pytest.approx(fitted.bse[0], abs=1e-12, rel=1e-12)
    assert found.estimate == pytest.approx(fitted.params[0], abs=1e-12)


@pytest.mark.parametrize("groups", [2, 7, 40, 200])
def test_labels_and_judge_together_have_the_error_of_statsmodels(groups: int) -> None:
    """With the same questions' worth on both sides, the joint error is CR1 of the sum."""
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(groups)
    clusters = np.concatenate([np.arange(groups), rng.integers(0, groups, 60)])
    shared = rng.uniform(-0.5, 0.5, groups)[clusters]
    human, judged, others = (
        rng.uniform(-0.1, 0.1, clusters.size) + part * shared for part in (1.0, 0.1, 1.0)
    )
    found = corrected_bounds(
        human, judged, others, alpha=0.05, clusters=clusters, other_clusters=clusters, weight=0.9
    )
    both = human - 0.9 * judged + 0.9 * others
    model = sm.OLS(both, np.ones(clusters.size))
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": clusters})

    assert found.estimate == pytest.approx(fitted.params[0], abs=1e-12)
    if groups > 2:
        assert found.standard_error == pytest.approx(fitted.bse[0], abs=1e-12, rel=1e-12)
    # With two uneven documents the parts apart are the wider ones; never the narrower.
    assert found.standard_error >= fitted.bse[0] - 1e-12


@pytest.mark.parametrize("groups", [2, 3, 30])
def test_jackknife_error_is_what_leaving_out_each_document_gives(groups: int) -> None:
    rng = np.random.default_rng(groups)
    clusters = np.concatenate([np.arange(groups), rng.integers(0, groups, 50)])
    differences = rng.uniform(-1, 1, clusters.size)
    left = np.array([differences[clusters != g].mean() for g in range(groups)])
    expected = sqrt((groups - 1) / groups * ((left - differences.mean()) ** 2).sum())

    found = mean_bounds(differences, clusters, alpha=0.05, scale=2.0)

    assert found.standard_error == pytest.approx(expected, rel=1e-12)


def test_prediction_powered_without_the_judge_is_the_classical_interval() -> None:
    rng = np.random.default_rng(7)
    human = rng.choice([-1.0, 0.0, 1.0], 80)
    documents = np.arange(80) // 2
    judged, others = rng.uniform(-1, 1, 80), rng.uniform(-1, 1, 500)

    found = corrected_bounds(human, judged, others, alpha=0.05, clusters=documents, weight=0.0)

    classical = mean_bounds(human, documents, alpha=0.05)
    assert isinstance(found, Bounds)
    for name in Bounds.__slots__:
        assert getattr(found, name) == pytest.approx(getattr(classical, name), abs=1e-12)


def test_garwoods_limit_for_rare_failures() -> None:
    """The bound under a few failures among very many questions is the exact Poisson limit."""
    n, failures = 200_000, 3
    differences = np.zeros(n)
    differences[:failures] = -1.0
    found = mean_bounds(differences, alpha=0.05)

    # Upper 95 % limit of a Poisson mean after three events.
    assert -found.lower * n == pytest.approx(7.7537, abs=2e-3)


@pytest.mark.parametrize(
    ("differences", "effect"),
    [
        pytest.param([0.0, 0.0, 0.0, 0.5, 0.5, 0.5] * 10, 3.0, id="documents all alike"),
        pytest.param([0.0, 0.5, -0.5, 0.5, -0.5, 0.0] * 10, 1.0, id="documents cancel out"),
        pytest.param([0.1] * 60, 3.0, id="nothing moved"),
        pytest.param([0.3] * 60, 1.0, id="no spread"),
        pytest.param([0.5, 0.0, 0.0] * 4 + [0.0] * 48, 3.0, id="four documents moved"),
        pytest.param([0.5, 0.0, 0.0] * 5 + [0.0] * 45, 1.0, id="five documents moved"),
        pytest.param([0.2, -0.2, 0.1] * 15 + [0.5] * 12 + [0.2] * 3, 3.0, id="wobble and four"),
    ],
)
def test_design_effect_stays_within_one_question_and_a_document(
    differences: list[float], effect: float
) -> None:
    found = mean_bounds(np.array(differences), np.arange(60) // 3, alpha=0.05)
    assert found.design_effect == effect


def test_cr3_by_hand() -> None:
    found = mean_bounds(np.array([0.1, 0.3, -0.2]), np.array([0, 0, 1]), alpha=0.05)
    mean = 0.2 / 3
    residuals = [(0.4 - 2 * mean) / (1 - 2 / 3), (-0.2 - mean) / (1 - 1 / 3)]
    assert found.standard_error == pytest.approx(sqrt(sum(e * e for e in residuals) / 2) / 3)
    assert found.kish_clusters == pytest.approx(9 / 5)


@pytest.mark.parametrize(
    ("sizes", "levels"),
    [
        ([1, 2], (0.005575, 0.048246)),
        ([100, 200], (0.005575, 0.048246)),
        ([300, 600, 900], (0.000687, 0.016144, 0.045056)),
        ([100, 200, 300, 400], (0.000089, 0.005544, 0.021896, 0.042700)),
        ([300, 600, 1000], (0.000346, 0.011279, 0.046501)),
    ],
)
def test_levels_of_looks(sizes: list[int], levels: tuple[float, ...]) -> None:
    assert look_levels(0.05, sizes) == pytest.approx(levels, abs=6e-7)
