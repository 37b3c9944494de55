"""Numbers as they are read: fixed decimals, honest signs, nothing rounded onto a limit."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.numbers import (
    count,
    exact,
    fixed,
    level,
    percent,
    places_apart,
    seconds,
    verdict_texts,
)
from tests.unit.test_reporting_examples import gate


@pytest.mark.parametrize(
    ("value", "places", "signed", "text"),
    [
        (0.4125, 3, False, "0.412"),
        (0.0, 3, True, "0.000"),
        (-0.0, 3, True, "0.000"),
        (-0.0004, 3, True, "0.000"),
        (0.0004, 3, True, "0.000"),
        (-0.0006, 3, True, "−0.001"),
        (0.0006, 3, True, "+0.001"),
        (-1.0, 3, False, "−1.000"),
        (12.345, 1, True, "+12.3"),
        (2.0, 0, False, "2"),
        (-0.1375, 3, True, "−0.138"),
        (-0.1375 + 1e-16, 3, True, "−0.138"),
        (None, 3, True, "–"),
        (math.nan, 3, True, "–"),
        (-math.inf, 3, True, "–"),
    ],
)
def test_fixed(value: float | None, places: int, signed: bool, text: str) -> None:
    assert fixed(value, places, signed=signed) == text


@pytest.mark.parametrize(
    ("value", "limit", "places"),
    [
        (-0.021, -0.05, 3),
        (-0.04996, -0.05, 5),
        (-0.0500004, -0.05, 7),
        (-0.05, -0.05, 3),
        (-0.05 - 1e-9, -0.05, 9),
        (-0.05 - 1e-13, -0.05, 12),
    ],
)
def test_places_tell_a_bound_from_its_limit(value: float, limit: float, places: int) -> None:
    assert places_apart(value, limit) == places


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.0004, "<0.1 %"),
        (0.025, "2.5 %"),
        (0.95, "95 %"),
        (1 - 0.05 / 6, "99.2 %"),
        (0.9996, ">99.9 %"),
        (1.0, "100 %"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_percent(share: float | None, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((1250,), "1,250"),
        ((0, "gate"), "0 gates"),
        ((1, "gate"), "1 gate"),
        ((2, "query", "queries"), "2 queries"),
        ((1, "query", "queries"), "1 query"),
    ],
)
def test_count(arguments: tuple[int], text: str) -> None:
    assert count(*arguments) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (200, "3 min 20 s"), (3900, "1 h 05 min")],
)
def test_seconds(value: float, text: str) -> None:
    assert seconds(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_exact_is_plain_ascii_that_reads_back(value: float) -> None:
    text = exact(value)
    assert text.isascii()
    assert text != "-0"
    assert float(text) == pytest.approx(value, rel=1e-8)


NEAR = st.sampled_from([0.0, -0.05, -0.02, 0.013])


@given(
    st.lists(st.tuples(NEAR, st.floats(-1e-3, 1e-3)), min_size=3, max_size=3),
    st.sampled_from([0.05, 0.02, 1 / 30]),
    st.sampled_from([0.05, 0.02]),
)
def test_texts_of_a_verdict_keep_the_order_of_its_numbers(
    numbers: list[tuple[float, float]], margin: float, regression_margin: float
) -> None:
    lower, estimate, upper = sorted(round(near + off, 10) for near, off in numbers)
    verdict = replace(
        gate(bounds=(lower, estimate, upper)).verdict,
        margin=margin,
        regression_margin=regression_margin,
    )
    shown = [float(text.replace("−", "-")) for text in verdict_texts(verdict)]
    assert shown == sorted(shown)
    for bound, text in ((lower, shown[0]), (upper, shown[2])):
        for limit in (0.0, -margin, -regression_margin):
            assert (bound > limit) is (text > limit + 1e-13 * (bound <= limit))
            assert (bound < limit) is (text < limit - 1e-13 * (bound >= limit))


def test_an_estimate_next_to_a_bound_does_not_pass_it() -> None:
    verdict = gate(bounds=(-0.04996, -0.0496, -0.0491)).verdict
    assert verdict_texts(verdict) == ("−0.04996", "−0.0496", "−0.049")


@pytest.mark.parametrize(
    ("alpha", "text"),
    [
        (0.05, "95 %"),
        (0.1, "90 %"),
        (0.025, "97.5 %"),
        (0.0375, "96.25 %"),
        (0.05 / 6, "99.167 %"),
        (0.000687, "99.9313 %"),
        (1e-9, "99.9999999 %"),
    ],
)
def test_a_level_is_never_all(alpha: float, text: str) -> None:
    assert level(alpha) == text
