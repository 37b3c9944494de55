"""How two answers differ: nothing of either is lost, and marks stay out of what has no likeness."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.reporting.word_diff import MOST_WORDS, marked, word_diff

WORDS = st.lists(st.sampled_from(["the", "metal", "is", "iron", "not", "zinc"]), max_size=12)


@given(WORDS, WORDS)
def test_without_the_marks_both_texts_are_back(before: list[str], after: list[str]) -> None:
    runs = word_diff(" ".join(before), " ".join(after))
    if runs is None:
        return
    old = [word for kind, text in runs if kind != "added" for word in text.split()]
    new = [word for kind, text in runs if kind != "removed" for word in text.split()]
    assert (old, new) == (before, after)
    assert all(a[0] != b[0] for a, b in pairwise(runs))


def test_marks_show_what_is_gone_and_what_is_new() -> None:
    assert marked("It is magnesium in the leaf", "It is iron in the leaf, too") == (
        "It is [-magnesium-] {+iron+} in the [-leaf-] {+leaf, too+}"
    )
    assert marked("same words", "same  words") == "same words"


def test_texts_that_share_hardly_a_word_are_shown_apart() -> None:
    assert word_diff("magnesium", "Zanzibar, perhaps.") is None
    assert marked("magnesium", "Zanzibar, perhaps.") == "Zanzibar, perhaps."


def test_endless_texts_are_compared_as_far_as_one_reads() -> None:
    runs = word_diff("a b " * 100_000, "a c " * 100_000)
    assert runs is not None
    assert sum(len(text.split()) for kind, text in runs if kind != "added") == MOST_WORDS
