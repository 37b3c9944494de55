"""The picture of an interval never says anything that its verdict does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.reporting.ruler import Axis, draw, fit_axis, scale

AXIS = Axis(left=-3, right=1, columns=33)  # eight columns a margin: -margin at 16, 0 at 24


def test_the_lines_stand_where_the_scale_says() -> None:
    assert scale(AXIS) == "worse        −margin    0  better"
    empty = draw(0.04, 0.045, 0.05, margin=0.05, axis=AXIS)
    assert empty.index("╎") == 16
    assert empty.index("│") == 24


@pytest.mark.parametrize(
    ("lower", "estimate", "upper", "picture"),
    [
        (-0.025, 0.0, 0.025, "                ╎   ├───●───┤    "),
        (-0.075, -0.05, -0.025, "            ├───●───┤   │        "),
        (-0.075, -0.06, 0.025, "            ├─●─┼───────┼───┤    "),
        (-0.125, -0.1, -0.075, "    ├───●───┤   ╎       │        "),
        (-0.2, -0.1, -0.075, "◂───────●───┤   ╎       │        "),
        (-0.3, -0.25, -0.2, "◂               ╎       │        "),
        (0.03, 0.2, 0.3, "                ╎       │    ├──▸"),
        (0.2, 0.25, 0.3, "                ╎       │       ▸"),
        (-1.0, 0.0, 1.0, "◂───────────────┼───────●───────▸"),
        (0.0, 0.0, 0.0, "                ╎       ●        "),
    ],
)
def test_pictures(lower: float, estimate: float, upper: float, picture: str) -> None:
    assert draw(lower, estimate, upper, margin=0.05, axis=AXIS) == picture.ljust(33)[:33]


def test_a_bound_just_right_of_the_margin_is_drawn_right_of_it() -> None:
    picture = draw(-0.0499999, -0.02, 0.01, margin=0.05, axis=AXIS)
    assert picture.index("╎") < picture.index("├")


def test_a_bound_just_left_of_the_margin_is_drawn_left_of_it() -> None:
    picture = draw(-0.1, -0.07, -0.0500001, margin=0.05, axis=AXIS)
    assert picture.index("┤") < picture.index("╎")


def test_one_boundless_interval_does_not_flatten_the_others() -> None:
    axis = fit_axis([(-1.0, 1.0, 0.05), (-0.02, 0.02, 0.05)], 60)
    assert (axis.left, axis.right) == (-6, 4)


def test_gates_of_different_margins_share_the_lines() -> None:
    axis = fit_axis([(-0.02, 0.02, 0.05), (-0.04, 0.04, 0.1)], 40)
    first = draw(-0.02, 0.0, 0.02, margin=0.05, axis=axis)
    second = draw(-0.04, 0.0, 0.04, margin=0.1, axis=axis)
    assert first == second


@given(
    st.lists(st.floats(-1, 1), min_size=3, max_size=3).map(sorted),
    st.floats(0.001, 0.5),
    st.integers(24, 64),
)
def test_the_picture_agrees_with_the_numbers(
    bounds: list[float], margin: float, columns: int
) -> None:
    lower, estimate, upper = bounds
    axis = fit_axis([(lower, upper, margin)], columns)
    picture = draw(lower, estimate, upper, margin=margin, axis=axis)
    assert len(picture) == len(scale(axis)) == columns
    line, zero = axis.column(-1.0), axis.column(0.0)
    assert 0 < line < zero - 1
    drawn = [column for column, cell in enumerate(picture) if cell not in " ╎│"]
    for position, limit in ((line, -1.0), (zero, 0.0)):
        if lower / margin > limit:
            assert drawn[0] > position
        if upper / margin < limit:
            assert drawn[-1] < position
        if lower / margin < limit < upper / margin:
            assert drawn[0] < position < drawn[-1]
