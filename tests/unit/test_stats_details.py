"""Corners of the statistics: planning, shares, agreement, prediction-powered bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.metrics import cohen_kappa_score

from pytest_ragft.stats.agreement import cohen_kappa, krippendorff_alpha
from pytest_ragft.stats.multiplicity import shared_alpha
from pytest_ragft.stats.noninferiority import mean_bounds
from pytest_ragft.stats.planning import (
    detectable_drop,
    fewest_questions,
    questions_for,
    questions_to_decide,
)
from pytest_ragft.stats.prediction_powered import corrected_bounds, tuned_weight
from pytest_ragft.stats.proportions import upper_share


class TestPlanning:
    @pytest.mark.parametrize(("alpha", "margin"), [(0.05, 0.05), (0.0125, 0.02), (0.1, 0.5)])
    def test_fewest_questions_show_a_failure_of_that_rate(
        self, alpha: float, margin: float
    ) -> None:
        n = fewest_questions(alpha, margin)
        assert (1 - margin) ** n <= alpha < (1 - margin) ** (n - 1)
        assert fewest_questions(alpha, 4 * margin, 4.0) == n

    def test_detectable_drop(self) -> None:
        assert detectable_drop(0.02, alpha=0.05) == pytest.approx(0.0497295, abs=1e-7)
        assert detectable_drop(0.02, alpha=0.05, power=0.5) == pytest.approx(0.0328971, abs=1e-7)

    def test_detectable_drop_and_number_of_questions_are_inverse(self) -> None:
        drop = detectable_drop(np.sqrt(0.2 / 500), alpha=0.05)
        assert questions_for(drop, 0.2, alpha=0.05) in (500, 501)

    def test_slack_asks_for_more_questions(self) -> None:
        assert questions_for(0.01, 0.04, alpha=0.05) == 2474
        assert questions_for(0.01, 0.04, alpha=0.05, slack=1.0) > 2474
        assert questions_for(0.01, 0.0, alpha=0.05, slack=1.0) == 100

    @pytest.mark.parametrize(
        ("differences", "clusters"),
        [
            (np.array([-0.5, 0.5] * 40), None),
            (np.array([-0.5, 0.44] * 40), None),
            (np.array([-1.0] * 12 + [0.0] * 88), None),
            (np.array([0.0] * 30), None),
            (np.array([-0.04] * 60), None),
            (np.array([0.0, -0.1, 0.1, 0.0] * 15), np.arange(60) // 4),
            (np.array([-0.5, 0.5, 0.0, 0.0, 0.2] * 40), np.arange(200) // 5 % 15),
        ],
    )
    def test_so_many_questions_of_the_same_kind_decide(
        self, differences: np.ndarray, clusters: np.ndarray | None
    ) -> None:
        codes = np.arange(differences.size) if clusters is None else clusters
        bounds = mean_bounds(differences, codes, alpha=0.05)
        needed = questions_to_decide(bounds, margin=0.05, alpha=0.05)
        assert needed is not None
        assert needed > differences.size

        times = -(-needed // differences.size)
        rows = np.tile(differences, times)
        names = np.concatenate([codes + i * (codes.max() + 1) for i in range(times)])
        later = mean_bounds(rows, names, alpha=0.05)
        assert later.lower > -0.05 or later.upper < -0.05
        assert later.kish_clusters >= 5

    @pytest.mark.parametrize(
        ("differences", "codes", "needed"),
        [
            (np.zeros(0), None, 59),
            (np.zeros(1), None, 59),
            (np.zeros(10), np.zeros(10, dtype=np.intp), 200),
            (np.zeros(100), np.arange(100) % 10, 200),
            (np.full(10, -0.4), None, 20),
        ],
    )
    def test_floors(self, differences: np.ndarray, codes: np.ndarray | None, needed: int) -> None:
        bounds = mean_bounds(differences, codes, alpha=0.05)
        assert questions_to_decide(bounds, margin=0.05, alpha=0.05) == needed

    def test_estimate_on_the_margin_to_the_last_digit(self) -> None:
        bounds = mean_bounds(np.array([-0.5, 0.0] * 50), alpha=0.05)
        assert questions_to_decide(bounds, margin=0.25, alpha=0.05) is None

    def test_no_practical_number(self) -> None:
        bounds = mean_bounds(np.array([-0.5501, 0.45] * 50), alpha=0.05)
        assert questions_to_decide(bounds, margin=0.05, alpha=0.05) is None


def test_alpha_is_shared_by_looks_and_tests() -> None:
    assert shared_alpha(0.05) == 0.05
    assert shared_alpha(0.06, looks=2, tests=3) == pytest.approx(0.01)
    for wrong in ({"looks": 0}, {"tests": -1}):
        with pytest.raises(ValueError, match="at least 1"):
            shared_alpha(0.05, **wrong)


class TestUpperShare:
    @settings(deadline=None)
    @given(st.integers(1, 400), st.data(), st.sampled_from([0.1, 0.05, 0.005]))
    def test_is_the_share_under_which_so_few_are_this_unlikely(
        self, n: int, data: st.DataObject, alpha: float
    ) -> None:
        k = data.draw(st.integers(0, n - 1))
        bound = upper_share(k, n, alpha=alpha)
        assert k / n < bound < 1
        assert binom.cdf(k, n, bound) == pytest.approx(alpha, rel=1e-6)

    def test_ends(self) -> None:
        assert upper_share(0, 0, alpha=0.05) == 1.0
        assert upper_share(7, 7, alpha=0.05) == 1.0
        assert upper_share(0, 59, alpha=0.05) == pytest.approx(1 - 0.05 ** (1 / 59))

    @pytest.mark.parametrize("successes", [-1, 11])
    def test_impossible_count(self, successes: int) -> None:
        with pytest.raises(ValueError, match="successes"):
            upper_share(successes, 10, alpha=0.05)


class TestAgreement:
    def test_full_agreement_and_none(self) -> None:
        assert krippendorff_alpha([[1, 2, 3], [1, 2, 3]], level="nominal") == 1.0
        assert cohen_kappa(["a", "b", "a"], ["a", "b", "a"]) == 1.0
        assert cohen_kappa(["a", "a"], ["b", "b"]) == 0.0

    def test_undefined_is_none_not_a_number(self) -> None:
        assert krippendorff_alpha([[1, 1, 1], [1, 1, 1]], level="interval") is None
        assert krippendorff_alpha([[1, np.nan], [np.nan, 2]], level="nominal") is None
        assert cohen_kappa([1, 1, 1], [1, 1, 1]) is None
        assert cohen_kappa([], []) is None

    def test_raters_and_units_may_come_in_any_order(self) -> None:
        rng = np.random.default_rng(3)
        table = rng.integers(1, 5, (3, 20)).astype(float)
        table[rng.random(table.shape) < 0.2] = np.nan
        once = krippendorff_alpha(table, level="ordinal")
        assert krippendorff_alpha(table[::-1, ::-1], level="ordinal") == pytest.approx(once)

    @settings(deadline=None)
    @given(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60).filter(
            lambda rows: len({label for row in rows for label in row}) > 1
        )
    )
    def test_kappa_is_that_of_scikit_learn(self, rows: list[tuple[int, int]]) -> None:
        first, second = zip(*rows, strict=True)
        expected = cohen_kappa_score(first, second)
        assert cohen_kappa(first, second) == pytest.approx(expected, abs=1e-12)

    @pytest.mark.parametrize(
        "call",
        [
            lambda: krippendorff_alpha([1, 2, 3], level="nominal"),
            lambda: krippendorff_alpha([[1, np.inf], [1, 2]], level="nominal"),
            lambda: cohen_kappa([1, 2], [1, 2, 3]),
            lambda: cohen_kappa([[1, 2]], [[1, 2]]),
        ],
    )
    def test_unusable_ratings(self, call: Any) -> None:
        with pytest.raises(ValueError, match=r"expected|infinite"):
            call()


class TestPredictionPowered:
    def sample(self, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        human = rng.choice([-1.0, 0.0, 1.0], 1_100, p=[0.2, 0.7, 0.1])
        judged = np.clip(human + rng.choice([-0.5, 0.0, 0.5], 1_100), -1, 1)
        return human[:100], judged[:100], judged[100:]

    def test_a_good_judge_narrows_the_bounds(self) -> None:
        human, judged, others = self.sample()
        alone = mean_bounds(human, alpha=0.05)
        found = corrected_bounds(human, judged, others, alpha=0.05)
        assert found.lower < found.estimate < found.upper
        assert found.upper - found.lower < 0.8 * (alone.upper - alone.lower)
        assert found.standard_error < 0.8 * alone.standard_error
        assert (found.n, found.clusters) == (100, 100)

    def test_a_constant_bias_of_the_judge_changes_nothing(self) -> None:
        human, judged, others = (0.5 * values for values in self.sample())
        fair = corrected_bounds(human, judged, others, alpha=0.05)
        biased = corrected_bounds(human, judged + 0.4, others + 0.4, alpha=0.05)
        assert biased.estimate == pytest.approx(fair.estimate)
        assert biased.standard_error == pytest.approx(fair.standard_error)

    def test_weight_by_its_formula(self) -> None:
        human, judged, others = self.sample()
        everything = np.concatenate([judged, others])
        expected = np.cov(human, judged)[0, 1] / (1.1 * np.var(everything, ddof=1))
        assert tuned_weight(human, judged, others) == pytest.approx(expected)
        assert tuned_weight(human, -judged, -others) == 0.0
        assert tuned_weight(human, judged / 100, others / 100) == 1.0
        assert tuned_weight(human, np.zeros(100), np.zeros(50)) == 0.0

    def test_clustered_labels_widen_the_bounds(self) -> None:
        human, judged, others = self.sample()
        order = np.argsort(human - judged)
        human, judged = human[order], judged[order]
        alone = corrected_bounds(human, judged, others, alpha=0.05)
        found = corrected_bounds(human, judged, others, alpha=0.05, clusters=np.arange(100) // 5)
        assert found.lower < alone.lower
        assert found.kish_clusters == 20
        many = corrected_bounds(
            human, judged, np.sort(others), alpha=0.05, other_clusters=np.arange(1_000) // 50
        )
        assert many.lower < alone.lower

    def test_residuals_beyond_the_scale_keep_their_distance(self) -> None:
        human = np.array([-1.0] * 32 + [0.9] * 28)
        judged = np.array([0.9] * 32 + [1.0] * 28)
        others = np.array([0.9, 1.0] * 250)
        found = corrected_bounds(human, judged, others, alpha=0.05, weight=1.0)

        assert (human - judged).mean() < -1
        assert found.estimate == pytest.approx(0.95 + (human - judged).mean())
        spread = (human - judged).std(ddof=1) / np.sqrt(60)
        assert found.estimate - found.lower > 1.6 * spread

    @pytest.mark.parametrize(
        ("human", "judged", "others", "message"),
        [
            ([0.0, 1.0], [0.0], [0.0, 1.0], "1 values for 2 human labels"),
            ([0.0], [0.0], [0.0, 1.0], "2 are needed"),
            ([0.0, 1.0], [0.0, 1.0], [0.0], "2 are needed"),
            ([0.0, 2.0], [0.0, 1.0], [0.0, 1.0], "human: value 2.0"),
            ([0.0, 1.0], [0.0, float("nan")], [0.0, 1.0], "judged: value nan"),
            ([0.0, 1.0], [0.0, 1.0], [0.0, -3.0], "others: value -3.0"),
        ],
    )
    def test_unusable_values(
        self, human: list[float], judged: list[float], others: list[float], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            corrected_bounds(human, judged, others, alpha=0.05)
