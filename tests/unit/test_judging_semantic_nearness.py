"""How near two texts come word by word, from states that are given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.judging.semantic.nearness import Worded, credit, nearness

DIRECTIONS = {
    "doctor": (1.0, 0.0, 0.0),
    "physician": (0.8, 0.6, 0.0),
    "pirate": (0.0, 0.0, 1.0),
    "12": (0.0, 1.0, 0.0),
    "13": (0.0, 1.0, 0.0),
}


def worded(*stems: str) -> Worded:
    states = [DIRECTIONS[stem] for stem in stems]
    return Worded(stems=stems, states=np.array(states, dtype=np.float32).reshape(-1, 3))


def test_a_word_is_as_near_as_the_nearest_one() -> None:
    found = nearness(worded("physician"), worded("pirate", "doctor"), ())
    assert found.recall == pytest.approx(0.8)
    assert found.precision < found.recall


def test_a_brief_answer_is_borne_out_by_what_it_does_not_cover() -> None:
    found = nearness(worded("doctor", "pirate"), worded("doctor"), ())
    assert found.precision == pytest.approx(1.0)
    assert found.recall < 0.7


def test_other_words_of_the_question_count_for_nothing() -> None:
    assert nearness(worded("doctor", "pirate"), worded("pirate"), {"pirate"}).recall == 0
    assert nearness(worded("doctor"), worded("physician"), {"physician"}).recall == 0
    found = nearness(worded("doctor", "pirate"), worded("doctor"), {"pirate"})
    assert found.recall == pytest.approx(1.0)


def test_a_number_is_near_to_itself_only() -> None:
    assert nearness(worded("12"), worded("13"), ()).recall == 0
    assert nearness(worded("12"), worded("12", "doctor"), ()).recall == pytest.approx(1.0)
    # Their states have more in common than "near only where they are the same" allows.
    assert nearness(worded("physician"), worded("12"), ()).recall == 0


@pytest.mark.parametrize(
    ("statement", "answer"), [((), ("doctor",)), (("doctor",), ()), (("doctor",), ("pirate",))]
)
def test_without_words_nothing_is_near(statement: tuple[str, ...], answer: tuple[str, ...]) -> None:
    found = nearness(worded(*statement), worded(*answer), {"pirate"})
    assert (found.recall, found.precision) == (0, 0)


words = st.lists(st.sampled_from(sorted(DIRECTIONS)), max_size=6)


@given(statement=words, answer=words, more=words, known=st.sets(st.sampled_from(["doctor", "12"])))
def test_it_is_a_share_and_more_words_cover_no_less(
    statement: list[str], answer: list[str], more: list[str], known: set[str]
) -> None:
    found = nearness(worded(*statement), worded(*answer), known)
    longer = nearness(worded(*statement), worded(*answer, *more), known)
    assert 0 <= found.recall <= 1
    assert 0 <= found.precision <= 1
    assert longer.recall >= found.recall - 1e-6


@given(st.floats(0, 1), st.floats(0, 1))
def test_credit_rises_over_the_whole_range(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= credit(low) <= credit(high) <= 1
    assert credit(0.3) == 0
    assert credit(0.85) == 1
