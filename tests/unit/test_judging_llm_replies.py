"""What a model says is a decision only when it is exactly of the form."""

from __future__ import annotations

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.endpoint.completion import MalformedError
from pytest_ragft.judging.llm.rating import expected_rating
from pytest_ragft.judging.llm.replies import (
    read_object,
    read_rating,
    read_statements,
    read_verdicts,
    shown,
)


def test_statements():
    said = json.dumps({"statements": [" A is\n B. ", "C\x00.", "A is B.", " "]})
    assert read_statements(said) == ("A is B.", "C.")


@pytest.mark.parametrize(
    "value",
    [{}, {"statements": []}, {"statements": [""]}, {"statements": "A"}, {"statements": [1]},
     {"statements": [None]}, {"statements": [str(n) for n in range(31)]}, []],
)  # fmt: skip
def test_what_is_no_list_of_statements(value):
    with pytest.raises(MalformedError):
        read_statements(json.dumps(value))


def verdicts(*pairs):
    return json.dumps({"verdicts": [{"number": n, "supported": s} for n, s in pairs]})


def test_verdicts_are_matched_by_number():
    assert read_verdicts(verdicts((2, False), (1, True)), 2) == (True, False)


@pytest.mark.parametrize(
    "said",
    [
        verdicts((1, True)), verdicts((1, True), (2, True), (3, True)),
        verdicts((1, True), (1, True)), verdicts((1, True), (2, "true")),
        verdicts((1, True), (2, 1)), verdicts((1, True), (2, None)), verdicts((0, True), (1, True)),
        verdicts((1, True), (2, True), (1, False)), verdicts((1, True), (True, True)),
        verdicts((1, True), ("2", True)),
        '{"verdicts": [true, false]}', '{"verdicts": {}}', "{}",
    ],
)  # fmt: skip
def test_what_is_not_one_verdict_for_each(said):
    with pytest.raises(MalformedError):
        read_verdicts(said, 2)


@pytest.mark.parametrize(
    "reader", [read_object, read_rating, read_statements, lambda text: read_verdicts(text, 1)]
)
@given(text=st.text())
def test_any_text_is_read_or_malformed(reader, text):
    with suppress(MalformedError):
        reader(text)


ANYTHING = st.none() | st.booleans() | st.floats() | st.integers() | st.text()


@given(ANYTHING | st.integers(-1, 5) | st.lists(ANYTHING, max_size=2))
def test_only_whole_numbers_in_range_are_ratings(value):
    said = json.dumps({"rating": value})
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and math.isfinite(value) and value == int(value) and 0 <= value <= 4:
        assert read_rating(said).rating == value
    else:
        with pytest.raises(MalformedError):
            read_rating(said)


def test_a_models_words_are_shortened():
    assert shown("a\n\x1b b") == "a b"
    assert len(shown("x" * 1000)) == 300


SAID = '{"reason": "r", "rating": 3}'


def tokens(*pieces: str, top) -> list[dict]:
    alternatives = [{"token": t, "logprob": p} for t, p in top]
    return [{"token": piece, "logprob": -0.1, "top_logprobs": alternatives} for piece in pieces]


HALF = math.log(0.5)
SPLIT = ('{"reason": "r", ', '"rating": ', "3", "}")


def test_the_mean_over_what_was_held_possible():
    assert expected_rating(SAID, tokens(*SPLIT, top=[("3", HALF), (" 1", HALF)]), 3) == 2.0
    assert expected_rating(SAID, tokens(*SPLIT, top=[("3", 0.0), ("7", -9.0)]), 3) == 3.0


@pytest.mark.parametrize(
    "given_tokens",
    [
        [], [None], [{"token": 1}], tokens(*SPLIT, top=[]),
        tokens(*SPLIT, top=[("3", math.log(0.2)), ("x", math.log(0.8))]),
        tokens(*SPLIT, top=[("1", 0.0)]),
        tokens("something", "else", top=[("3", 0.0)]),
        tokens('{"reason": "r", "rating": 3', "}", top=[("3", 0.0)]),
        [{"token": SAID[:26]}, {"token": "3"}, {"token": "}"}],
    ],
)  # fmt: skip
def test_where_the_rating_has_no_alternatives_the_plain_rating_counts(given_tokens):
    assert expected_rating(SAID, given_tokens, 3) is None


@pytest.mark.parametrize("odd", [math.nan, -math.inf, 1.0, 10**400, -(10**400), "0", None, True])
def test_an_odd_log_probability_is_no_rating_on_another_scale(odd):
    with pytest.raises(MalformedError, match="beside the rating is no log-probability"):
        expected_rating(SAID, tokens(*SPLIT, top=[("3", -0.1), ("2", odd)]), 3)


@pytest.mark.parametrize(
    ("top", "said"),
    [
        ([None], "is no token"), ([{"token": 3, "logprob": 0}], "is no token"), ("x", "no list"),
        ([{"token": "3", "logprob": 0.0}, {"token": "1", "logprob": 0.0}], "add up to 2"),
    ],
)  # fmt: skip
def test_odd_alternatives_are_malformed(top, said):
    given = [{"token": piece, "logprob": 0, "top_logprobs": top} for piece in SPLIT]
    with pytest.raises(MalformedError, match=said):
        expected_rating(SAID, given, 3)


def test_a_rating_that_is_quoted_in_the_reason_is_not_weighted():
    said = json.dumps({"reason": 'it says "rating": 4', "rating": 0})
    pieces = said.partition("4")
    top = [("4", 0.0)]
    assert expected_rating(said, tokens(*pieces, top=top), 0) is None


def test_of_two_ratings_none_is_weighted():
    said = '{"x": {"rating": 4}, "rating": 0}'
    top = [("4", HALF), ("0", HALF)]
    assert expected_rating(said, tokens(*said.partition("4"), top=top), 0) is None


DECIDED = '{"reason": "r", "rating": 3}'


@pytest.mark.parametrize(
    "said",
    [
        f'<think>A 0? {{"rating": 0}}</think>\n{DECIDED}',
        f"<think>\n\n</think>\n\n{DECIDED}",
        f'Perhaps {{"rating": 0}}.\n</think>\n\n{DECIDED}',
        f"<think>one</think>\n<think>two</think>{DECIDED}",
        f"<thinking>hm</thinking>```json\n{DECIDED}\n```",
        f"[THINK]a 4, or a 0[/THINK]{DECIDED}",
        f"<seed:think>hm</seed:think>{DECIDED}",
        f"\u25c1think\u25b7hm\u25c1/think\u25b7{DECIDED}",
        f"<|START_THINKING|>hm<|END_THINKING|>{DECIDED}",
        "<|channel|>analysis<|message|>Is it 0?<|end|><|start|>assistant"
        f"<|channel|>final<|message|>{DECIDED}<|return|>",
        f"<|channel|>final <|constrain|>json<|message|>{DECIDED}",
    ],
)
def test_what_a_model_thinks_before_is_no_decision(said):
    assert read_rating(said).rating == 3


@pytest.mark.parametrize(
    "said",
    [
        f"<think>I would say {DECIDED}",
        f"[THINK]{DECIDED}",
        f"<think>one</think><think>{DECIDED}",
        f"<|channel|>analysis<|message|>{DECIDED}",
        f"<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary<|message|>{DECIDED}",
        "<think>",
    ],
)
def test_a_reply_that_is_cut_while_thinking_is_no_decision(said):
    with pytest.raises(MalformedError, match="cut while it was thinking"):
        read_rating(said)


def test_a_closing_mark_within_a_reply_takes_nothing_away():
    assert read_rating('{"reason": "</think>{\\"rating\\": 0}", "rating": 4}').rating == 4
    with pytest.raises(MalformedError, match="not one JSON object"):
        read_rating('{"rating": 4} </think>')


def test_the_rating_that_was_thought_of_is_not_the_one_that_is_weighted():
    pieces = ['<think>"rating": ', "0", "?</think>", '{"rating": ', "4", "}"]
    tokens = [
        {"token": piece, "top_logprobs": [{"token": piece, "logprob": 0.0}]} for piece in pieces
    ]
    assert expected_rating("".join(pieces), tokens, 4) == 4.0
