"""Numbers as they are read: fixed decimals, honest signs, nothing rounded onto a limit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.numbers import count, exact, fixed, percent, places_apart, seconds


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
