"""Corners of the statistics: planning, shares, agreement, prediction-powered bounds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, multivariate_normal, norm
from sklearn.metrics import cohen_kappa_score

from pytest_ragft.stats.agreement import kappa_of, krippendorff_alpha
from pytest_ragft.stats.means import upper_share
from pytest_ragft.stats.multiplicity import any_of, guard_level, shared_alpha
from pytest_ragft.stats.noninferiority import Bounds, mean_bounds
from pytest_ragft.stats.planning import (
    blocked_drop,
    can_regress,
    documents_for,
    fewest_questions,
    may_pass,
    pass_probability,
    questions_for,
    questions_to_decide,
    vetoed_drop,
)
from pytest_ragft.stats.prediction_powered import corrected_bounds, tuned_weight
from pytest_ragft.stats.spending import Look, look_levels, look_of


class TestPlanning:
    @pytest.mark.parametrize(("alpha", "margin"), [(0.05, 0.05), (0.0125, 0.02), (0.1, 0.5)])
    def test_fewest_questions_show_a_failure_of_that_rate(
        self, alpha: float, margin: float
    ) -> None:
        n = fewest_questions(alpha, margin)
        assert (1 - margin) ** n <= alpha < (1 - margin) ** (n - 1)
        assert fewest_questions(alpha, 4 * margin, 4.0) == n

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
            # 59 documents like those at hand, since nothing moved in them.
            (np.zeros(10), np.zeros(10, dtype=np.intp), 590),
            (np.zeros(100), np.arange(100) % 10, 590),
            (np.where(np.arange(100) % 7, 0.0, 0.3), np.arange(100) % 10, 200),
            (np.full(6, -0.9), None, 8),
            (np.full(40, -0.9), np.arange(40) % 4, 50),
        ],
    )
    def test_floors(self, differences: np.ndarray, codes: np.ndarray | None, needed: int) -> None:
        bounds = mean_bounds(differences, codes, alpha=0.05)
        assert questions_to_decide(bounds, margin=0.05, alpha=0.05) == needed

    def test_estimate_on_the_margin_to_the_last_digit(self) -> None:
        bounds = mean_bounds(np.array([-0.5, 0.0] * 50), alpha=0.05)
        assert questions_to_decide(bounds, margin=0.25, alpha=0.05) is None

    def test_never_more_than_there_are(self) -> None:
        bounds = mean_bounds(np.array([-0.5, 0.5] * 40), alpha=0.05)
        needed = questions_to_decide(bounds, margin=0.05, alpha=0.05)
        assert needed is not None
        for most, expected in ((needed, needed), (needed - 1, None)):
            assert questions_to_decide(bounds, margin=0.05, alpha=0.05, most=most) == expected

    def test_two_margins(self) -> None:
        between = mean_bounds(np.array([-0.6, 0.4] * 40), alpha=0.05)
        decide = {"bounds": between, "alpha": 0.05}
        assert questions_to_decide(**decide, margin=0.05, regression_margin=0.2) is None
        passing = questions_to_decide(**decide, margin=0.2, regression_margin=0.3)
        assert passing == questions_to_decide(**decide, margin=0.2)
        falling = questions_to_decide(**decide, margin=0.01, regression_margin=0.05)
        assert falling == questions_to_decide(**decide, margin=0.05)

    def test_questions_come_in_documents(self) -> None:
        bounds = mean_bounds(np.zeros(100), np.arange(100) // 5, alpha=0.05)
        assert documents_for(301, bounds) == 61
        assert documents_for(59, mean_bounds(np.zeros(0), alpha=0.05)) == 59

    def test_no_practical_number(self) -> None:
        bounds = mean_bounds(np.array([-0.5501, 0.45] * 50), alpha=0.05)
        assert questions_to_decide(bounds, margin=0.05, alpha=0.05) is None


class TestWorth:
    """What a run is worth, whatever it found."""

    def bounds(self, n: int = 400) -> Bounds:
        rng = np.random.default_rng(n)
        return mean_bounds(rng.choice([-1.0, 0.0, 1.0], n, p=[0.1, 0.8, 0.1]), alpha=0.05)

    def test_pass_probability_by_its_formula(self) -> None:
        bounds = self.bounds()
        below = bounds.estimate - bounds.lower
        found = pass_probability(bounds, margin=0.05, needed=59)
        assert found == pytest.approx(norm.cdf((0.05 - below) / bounds.standard_error))
        assert 0.5 < found < 0.9

    def test_below_the_floor_nothing_passes(self) -> None:
        assert pass_probability(self.bounds(), margin=0.3, needed=401) == 0.0
        nineteen = mean_bounds(np.zeros(190), np.arange(190) % 19, alpha=0.05)
        assert pass_probability(nineteen, margin=0.5, needed=5) == 0.0

    def test_a_rounding_error_less_than_enough_is_enough(self) -> None:
        ties = mean_bounds(np.zeros(300), np.arange(300) // 5, alpha=0.05)
        for part, expected in ((1e-12, True), (1e-6, False)):
            bounds = replace(ties, design_effect=300 / 59 * (1 + part))
            assert bounds.independent < 59
            assert may_pass(bounds, 59) == expected

    @pytest.mark.parametrize(("n", "expected"), [(58, 0.0), (59, 1.0)])
    def test_without_spread_it_is_certain(self, n: int, expected: float) -> None:
        bounds = mean_bounds(np.zeros(n), alpha=0.05)
        assert pass_probability(bounds, margin=0.05, needed=59) == expected
        assert pass_probability(bounds, margin=0.001, needed=n) == 0.0

    def test_blocked_and_vetoed_drops_by_their_formulas(self) -> None:
        bounds = self.bounds()
        below, above = bounds.estimate - bounds.lower, bounds.upper - bounds.estimate
        more = norm.ppf(0.8) * bounds.standard_error
        assert blocked_drop(bounds, margin=0.05) == pytest.approx(0.05 - below + more)
        assert vetoed_drop(bounds, margin=0.05) == pytest.approx(0.05 + above + more)

    def test_floors_of_a_veto(self) -> None:
        for n, groups, expected in ((8, 8, True), (7, 7, False), (40, 5, True), (40, 4, False)):
            bounds = mean_bounds(np.zeros(n), np.arange(n) % groups, alpha=0.05)
            assert can_regress(bounds) == expected


class TestGuards:
    def test_six_pay_nothing(self) -> None:
        assert guard_level(0.05, 1) == guard_level(0.05, 6) == 0.05
        assert guard_level(0.05, 7) == pytest.approx(0.3 / 7)
        assert guard_level(0.05, 60) == pytest.approx(0.005)
        with pytest.raises(ValueError, match="at least 1"):
            guard_level(0.05, 0)

    def test_any_of_several(self) -> None:
        assert any_of(0.05, 1) == pytest.approx(0.05)
        assert any_of(0.05, 5) == pytest.approx(0.226, abs=5e-4)


class TestLooks:
    @pytest.mark.parametrize(
        "sizes", [[100, 120], [50, 400], [100, 150, 230, 300], [20, 30, 40, 50, 60]]
    )
    def test_levels_spend_what_the_function_says(self, sizes: list[int]) -> None:
        """Against scipy's multivariate normal: what was spent by each look."""
        levels = look_levels(0.05, sizes)
        z = norm.isf(levels)
        t = np.array(sizes) / sizes[-1]
        correlation = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
        for j in range(1, len(sizes) + 1):
            none = multivariate_normal.cdf(
                z[:j], cov=correlation[:j, :j], abseps=1e-8, releps=1e-8, maxpts=10**6
            )
            spent = 2 * norm.sf(norm.isf(0.025) / np.sqrt(t[j - 1]))
            assert 1 - none == pytest.approx(spent, abs=2e-6)

    def test_one_look_has_all_of_alpha(self) -> None:
        assert look_levels(0.0125, [500]) == (0.0125,)

    def test_many_looks_and_tiny_first_ones(self) -> None:
        levels = look_levels(0.05, list(range(100, 2_001, 100)))
        assert all(0 < low < high < 0.05 for low, high in pairwise(levels))
        first, last = look_levels(0.05, [10, 10_000])
        assert 0 < first < 1e-200
        assert last == pytest.approx(0.05, abs=1e-9)

    @pytest.mark.parametrize(
        ("n", "index", "next_size"),
        [
            (1, None, 300), (293, None, 300), (294, 0, 600), (300, 0, 600), (306, 0, 600),
            (307, None, 600), (588, 1, 900), (612, 1, 900), (882, 2, None), (918, 2, None),
            (919, None, None),
        ],
    )  # fmt: skip
    def test_sizes_count_within_two_percent(
        self, n: int, index: int | None, next_size: int | None
    ) -> None:
        assert look_of(n, [300, 600, 900]) == Look(index=index, next_size=next_size)

    @pytest.mark.parametrize(
        ("sizes", "message"),
        [
            ([], "give the sizes"),
            ([300, 200], "200 does not follow 300"),
            ([300, 300], "300 does not follow 300"),
            ([100, 104], "104 does not follow 100"),
            ([0, 100], "0 is no size"),
            ([100, 200.0], "200.0 is no size"),
            ([True, 100], "True is no size"),
        ],
    )
    def test_unusable_sizes(self, sizes: list[Any], message: str) -> None:
        for call in (lambda: look_levels(0.05, sizes), lambda: look_of(100, sizes)):
            with pytest.raises(ValueError, match=message):
                call()

    @given(st.integers(1, 5_000), st.lists(st.integers(1, 5_000), min_size=1, max_size=5))
    def test_no_number_is_two_looks(self, n: int, sizes: list[int]) -> None:
        try:
            look = look_of(n, sizes)
        except ValueError:
            return
        near = [j for j, size in enumerate(sizes) if abs(n - size) <= 0.02 * size]
        assert near == ([] if look.index is None else [look.index])
        assert look.next_size == next(
            (
                size
                for size in sizes
                if size > n and (look.index is None or size != sizes[look.index])
            ),
            None,
        )


def test_alpha_is_shared_by_tests() -> None:
    assert shared_alpha(0.05, tests=1) == 0.05
    assert shared_alpha(0.06, tests=3) == pytest.approx(0.02)
    for wrong in (0, -1):
        with pytest.raises(ValueError, match="at least 1"):
            shared_alpha(0.05, tests=wrong)


class TestUpperShare:
    @settings(deadline=None)
    @given(st.integers(1, 400), st.data(), st.sampled_from([0.1, 0.05, 0.005]))
    def test_is_the_share_under_which_so_few_are_this_unlikely(
        self, n: int, data: st.DataObject, alpha: float
    ) -> None:
        k = data.draw(st.integers(0, n - 1))
        bound = upper_share(np.arange(n) < k, alpha=alpha)
        assert k / n < bound < 1
        assert binom.cdf(k, n, bound) == pytest.approx(alpha, rel=1e-6)
        assert upper_share(np.arange(n) < k, np.arange(n), alpha=alpha) == pytest.approx(bound)

    def test_ends(self) -> None:
        assert upper_share(np.zeros(0), alpha=0.05) == 1.0
        assert upper_share(np.ones(7), alpha=0.05) == 1.0
        assert upper_share(np.zeros(59), alpha=0.05) == pytest.approx(1 - 0.05 ** (1 / 59))
        assert upper_share(np.zeros(9), np.zeros(9, dtype=int), alpha=0.05) > 0.95

    def test_documents_that_fail_together_count_once(self) -> None:
        documents = np.arange(300) // 5
        hits = documents < 12
        alone = upper_share(np.arange(60) < 12, alpha=0.05)
        assert upper_share(hits, documents, alpha=0.05) == pytest.approx(alone, abs=0.005)
        assert upper_share(hits, alpha=0.05) < alone - 0.03

    def test_where_fewer_than_five_did_nothing_is_known_of_the_rest(self) -> None:
        documents = np.arange(300) // 5
        none, one = np.zeros(300), np.arange(300) == 0
        assert upper_share(none, documents, alpha=0.05) > 1 - 0.05 ** (1 / 60)
        assert upper_share(one, documents, alpha=0.05) > 2 * upper_share(one, alpha=0.05)


class TestAgreement:
    def test_full_agreement_and_none(self) -> None:
        assert krippendorff_alpha([[1, 2, 3], [1, 2, 3]], level="nominal") == 1.0
        assert kappa_of(["a", "b", "a"], ["a", "b", "a"])(np.ones(3)) == 1.0
        assert kappa_of(["a", "a"], ["b", "b"])(np.ones(2)) == 0.0

    def test_undefined_is_none_not_a_number(self) -> None:
        assert krippendorff_alpha([[1, 1, 1], [1, 1, 1]], level="interval") is None
        assert krippendorff_alpha([[1, np.nan], [np.nan, 2]], level="nominal") is None
        assert kappa_of([1, 1, 1], [1, 1, 1])(np.ones(3)) is None
        assert kappa_of([], [])(np.ones(0)) is None

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
        assert kappa_of(first, second)(np.ones(len(rows))) == pytest.approx(expected, abs=1e-12)

    @pytest.mark.parametrize(
        "call",
        [
            lambda: krippendorff_alpha([1, 2, 3], level="nominal"),
            lambda: krippendorff_alpha([[1, np.inf], [1, 2]], level="nominal"),
            lambda: kappa_of([1, 2], [1, 2, 3]),
            lambda: kappa_of([[1, 2]], [[1, 2]]),
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

    def shared(self, apart: bool) -> Bounds:
        """A judge that is wrong about whole documents, with labels in each of them."""
        rng = np.random.default_rng(3)
        documents = np.arange(800) // 20
        truth = rng.choice([-1.0, 0.0, 1.0], 40, p=[0.2, 0.6, 0.2])[documents]
        judged = np.clip(truth + rng.choice([-0.5, 0.0, 0.5], 800), -1, 1)
        drawn = rng.random(800) < 0.25
        return corrected_bounds(
            truth[drawn],
            judged[drawn],
            judged[~drawn],
            alpha=0.05,
            weight=0.5,
            clusters=documents[drawn],
            other_clusters=documents[~drawn] + 40 * apart,
        )

    def test_both_parts_of_a_document_count_together(self) -> None:
        together, apart = self.shared(apart=False), self.shared(apart=True)
        assert together.estimate == apart.estimate
        assert together.standard_error > 1.1 * apart.standard_error
        assert together.lower < apart.lower < apart.upper < together.upper

    def test_documents_are_the_same_whatever_their_labels_come_in(self) -> None:
        human, judged, others = self.sample()
        first, second = np.arange(100) // 5, np.arange(1_000) // 50
        forms = [
            (first, second),
            (first.tolist(), second.tolist()),
            ([f"d{i}" for i in first], np.array([f"d{i}" for i in second])),
            (first.astype(np.uint8), second),
        ]
        found = [
            corrected_bounds(human, judged, others, alpha=0.05, clusters=a, other_clusters=b)
            for a, b in forms
        ]
        assert found[1:] == found[:-1]
        numbers = corrected_bounds(
            human,
            judged,
            others,
            alpha=0.05,
            clusters=first,
            other_clusters=[f"{i}" for i in second],
        )
        apart = corrected_bounds(
            human, judged, others, alpha=0.05, clusters=first, other_clusters=second + 100
        )
        assert numbers == apart

    def test_a_judge_that_explains_the_labels_hides_no_dependence(self) -> None:
        """Whole documents fell, the judge says the same: nothing is left that would show it."""
        documents = np.arange(300) // 5
        human = np.where(documents < 6, -1.0, 0.0)
        others = np.tile(human, 3)
        found = corrected_bounds(
            human,
            human,
            others,
            alpha=0.05,
            clusters=documents,
            other_clusters=np.tile(documents, 3),
        )
        assert found.design_effect == 5
        assert found.independent == 60

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
