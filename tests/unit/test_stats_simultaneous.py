"""Two-sided bounds, bounds of many parts together, and the worst of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.stats.noninferiority import mean_bounds
from pytest_ragft.stats.simultaneous import (
    can_be_named,
    simultaneous_bounds,
    two_sided_bounds,
    worst_part,
)

VALUES = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0]), min_size=2, max_size=40)


def codes(n: int, size: int = 2) -> np.ndarray:
    return np.arange(n) // size


def test_known_answers() -> None:
    # 96 zeros and 4 losses, at one-sided 5 % a side: the rule's lower bound, and its mirror.
    values = np.array([0.0] * 96 + [-1.0] * 4)
    found = two_sided_bounds(values, alpha=0.1)
    assert found.lower == pytest.approx(-0.089971526, abs=1e-8)
    assert found.estimate == pytest.approx(-0.04)
    mirrored = two_sided_bounds(-values, alpha=0.1)
    assert mirrored.upper == pytest.approx(0.089971526, abs=1e-8)
    # 59 ties exclude what passes at a margin of 0.05 does: 1 - 0.05 ** (1 / 59).
    ties = two_sided_bounds(np.zeros(59), alpha=0.1)
    assert (ties.lower, ties.upper) == pytest.approx((-0.0495076, 0.0495076), abs=1e-6)
    clustered = two_sided_bounds(np.zeros(118), codes(118), alpha=0.1)
    assert clustered.lower == pytest.approx(ties.lower)
    assert two_sided_bounds(np.zeros(0)).lower == -1.0


def test_the_upper_bound_is_guarded_however_many_questions_there_are() -> None:
    """Many small losses and a rare gain that did not come up must not look like a sure loss."""
    values = np.linspace(-0.025, -0.015, 60)
    assert mean_bounds(values, alpha=0.025).upper < 0 < two_sided_bounds(values).upper


@given(VALUES, st.sampled_from([0.2, 0.1, 0.05, 0.01]), st.sampled_from([1.0, 2.0]))
def test_swapping_what_is_compared_mirrors_the_bounds(
    values: list[float], alpha: float, scale: float
) -> None:
    array = np.array(values)
    of = codes(array.size)
    found = two_sided_bounds(array, of, alpha=alpha, scale=scale)
    mirrored = two_sided_bounds(-array, of, alpha=alpha, scale=scale)
    assert (mirrored.lower, mirrored.upper) == pytest.approx((-found.upper, -found.lower))
    assert -scale <= found.lower <= found.estimate <= found.upper <= scale
    wider = two_sided_bounds(array, of, alpha=alpha / 2, scale=scale)
    assert wider.lower <= found.lower
    assert wider.upper >= found.upper


@given(st.lists(VALUES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_parts_share_alpha_and_their_order_does_not_matter(lists: list, random: object) -> None:
    parts = {n: (np.array(v), codes(len(v))) for n, v in enumerate(lists)}
    found, compared = simultaneous_bounds(parts)
    assert compared == sum(can_be_named(*part) for part in parts.values())
    for name, (values, of) in parts.items():
        alone = two_sided_bounds(values, of, alpha=0.05 / max(compared, 1))
        assert found[name] == alone
        assert two_sided_bounds(values, of).lower >= alone.lower
    names = list(parts)
    random.shuffle(names)  # type: ignore[attr-defined]
    again, _ = simultaneous_bounds({name: parts[name] for name in names})
    assert again == found


@pytest.mark.parametrize(
    ("n", "size", "able"),
    [(8, 1, True), (7, 1, False), (20, 4, True), (20, 5, False), (1000, 500, False), (0, 1, False)],
)
def test_a_part_needs_eight_questions_and_five_documents(n: int, size: int, able: bool) -> None:
    assert can_be_named(np.zeros(n), codes(n, size)) is able


def test_the_worst_is_the_lowest_of_those_that_are_surely_below_0() -> None:
    sure = two_sided_bounds(np.full(80, -0.4))
    # Lower, and by chance.
    unsure = two_sided_bounds(np.array([-1.0] * 5 + [1.0]))
    fine = two_sided_bounds(np.full(80, 0.2))
    assert unsure.estimate < sure.estimate
    assert worst_part({"fine": fine, "unsure": unsure, "sure": sure}) == ("sure", True)
    assert worst_part({"fine": fine, "unsure": unsure}) == ("unsure", False)
    assert worst_part({"first": fine, "second": fine}) == ("first", False)
    assert worst_part({}) is None


def test_parts_too_small_to_be_named_cost_the_others_nothing() -> None:
    large = {"large": (np.zeros(80) - 0.1, codes(80))}
    small = {f"small {i}": (np.full(4, -1.0), codes(4)) for i in range(9)}
    alone, _ = simultaneous_bounds(large)
    together, compared = simultaneous_bounds({**large, **small})
    assert compared == 1
    assert together["large"] == alone["large"]
