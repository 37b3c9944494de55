"""Which words are alike in spite of their spelling, and which only look it."""

import pytest

from pytest_ragft.judging.lexical.spelling import likeness


@pytest.mark.parametrize(
    ("one", "other"),
    [("shakespear", "shakespeare"), ("colour", "color"), ("rontgen", "roentgen")],
)
def test_alike(one, other):
    assert 0.6 <= likeness(one, other) == likeness(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("collect", "correct"),
        ("mare", "mark"),
        ("wilt", "will"),
        ("copper", "cover"),
        ("rome", "home"),
        ("cat", "car"),
        ("5", "6"),
        ("1996", "1997"),
    ],
)
def test_not_alike(one, other):
    assert likeness(one, other) == likeness(other, one) == 0
