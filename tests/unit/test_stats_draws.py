"""Components of the variance of differences within and between questions."""

from __future__ import annotations

from itertools import pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pytest_ragft.stats.draws import DrawSpread, draw_spread

difference = st.floats(-1, 1, allow_nan=False).map(lambda x: round(x, 6))
questions = st.lists(st.lists(difference, min_size=1, max_size=6), min_size=2, max_size=12)


def spread_of(differences: list[list[float]]) -> DrawSpread:
    found = draw_spread(differences)
    assert found is not None
    return found


def test_what_draws_were_worth_where_43_percent_lay_within_questions() -> None:
    spread = DrawSpread(between=0.57, within=0.43, questions=179, draws=4)

    assert spread.share == pytest.approx(0.43)
    worths = [round(spread.worth(draws), 2) for draws in (1, 2, 4, inf)]
    assert worths == [1.0, 1.27, 1.48, 1.75]
    assert spread.worth(8, than=4) == pytest.approx(spread.worth(8) / spread.worth(4))


def test_three_questions_by_hand() -> None:
    # Means 0, .5, -.5 with variance .25; squares within .02 + .08 + 0 over 3 degrees of freedom.
    spread = spread_of([[0.1, -0.1], [0.3, 0.7], [-0.5, -0.5]])

    assert spread.within == pytest.approx(0.1 / 3)
    assert spread.between == pytest.approx(0.25 - 0.1 / 3 / 2)
    assert (spread.questions, spread.draws) == (3, 2)


def test_balanced_draws_are_an_analysis_of_variance() -> None:
    rng = np.random.default_rng(17)
    data = rng.normal(size=(40, 1)) * 0.3 + rng.normal(size=(40, 5)) * 0.2
    spread = spread_of(data.tolist())

    f = stats.f_oneway(*data).statistic
    assert (5 * spread.between + spread.within) / spread.within == pytest.approx(f)


def test_the_components_of_many_questions_are_found() -> None:
    rng = np.random.default_rng(18)
    sizes = rng.integers(2, 6, 20_000)
    data = [rng.normal(rng.normal() * 0.3, 0.4, size).tolist() for size in sizes]
    spread = spread_of(data)

    assert spread.between == pytest.approx(0.09, rel=0.05)
    assert spread.within == pytest.approx(0.16, rel=0.02)


@pytest.mark.parametrize(
    "differences",
    [[], [[0.5, 0.1]], [[0.1], [0.2], [0.3]], [[0.25, 0.25], [0.25, 0.25]]],
    ids=["no question", "one question", "one draw each", "nothing varies"],
)
def test_where_nothing_is_known_nothing_is_said(differences: list[list[float]]) -> None:
    assert draw_spread(differences) is None


def test_draws_that_agree_buy_nothing_and_draws_alone_buy_without_bound() -> None:
    agreed = spread_of([[0.1, 0.1], [0.5, 0.5], [-0.2, -0.2]])
    assert agreed.share == pytest.approx(0, abs=1e-12)
    assert agreed.worth(inf) == pytest.approx(1)
    noise = spread_of([[0.5, -0.5], [-0.5, 0.5]])
    assert (noise.share, noise.worth(inf)) == (1, inf)
    assert noise.worth(4) == pytest.approx(4)


@given(questions)
def test_shares_and_worths_keep_their_bounds(differences: list[list[float]]) -> None:
    spread = draw_spread(differences)
    if spread is None:
        return
    assert 0 <= spread.share <= 1
    worths = [spread.worth(draws) for draws in (1, 2, 4, 100, inf)]
    assert worths[0] == pytest.approx(1)
    assert all(a <= b * (1 + 1e-9) for a, b in pairwise(worths))
    assert spread.worth(4) <= 4 * (1 + 1e-9)


@given(questions, st.floats(0.1, 10), st.randoms(use_true_random=False))
def test_neither_order_nor_scale_matters(differences, factor, random) -> None:
    spread = draw_spread(differences)
    shuffled = [[x * factor for x in random.sample(of, len(of))] for of in differences]
    other = draw_spread(random.sample(shuffled, len(shuffled)))
    if spread is None or spread.between + spread.within < 1e-9 or other is None:
        return
    assert other.share == pytest.approx(spread.share, abs=1e-6)
    assert other.within == pytest.approx(spread.within * factor**2, rel=1e-6, abs=1e-12)
