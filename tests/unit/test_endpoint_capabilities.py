"""What a server grants: found out by what it answers and refuses, not by its words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.endpoint.capabilities import (
    ALL,
    PARTS,
    UnansweredError,
    negotiate,
    request,
)
from pytest_ragft.endpoint.outcome import Reply

WORDS = ["Bad Request", "logprobs", "temperature is unknown", ", ".join(PARTS)]


def said(*, logprobs: bool = False) -> Reply:
    """A chat completion, perhaps with log-probabilities."""
    choice: dict[str, object] = {"message": {"content": "ok"}}
    if logprobs:
        choice["logprobs"] = {"content": [{"token": "ok", "top_logprobs": [{"token": "ok"}]}]}
    return Reply(value={"choices": [choice]}, status=200)


def server(refuses: Callable[[frozenset[str]], Reply | None]) -> Callable[[frozenset[str]], Reply]:
    return lambda parts: refuses(parts) or said(logprobs="logprobs" in parts)


@given(st.sets(st.sampled_from(PARTS)), st.sampled_from([400, 422]), st.sampled_from(WORDS))
def test_just_what_is_refused_goes_whatever_the_words(lacks, status, words):
    asked = []

    def refuses(parts: frozenset[str]) -> Reply | None:
        asked.append(parts)
        return Reply(error=words, status=status) if parts & lacks else None

    assert negotiate(ALL, server(refuses)) == ALL - lacks
    assert len(asked) <= (len(PARTS) + 2 if lacks else 1)


@given(st.sets(st.sampled_from(PARTS)), st.sets(st.sampled_from(PARTS)))
def test_only_what_is_of_use_is_asked_for(wants, lacks):
    def refuses(parts: frozenset[str]) -> Reply | None:
        assert parts <= wants
        return Reply(error="no", status=400) if parts & lacks else None

    assert negotiate(frozenset(wants), server(refuses)) == wants - lacks


def test_of_two_that_are_refused_together_the_first_stays():
    together = {"response_format", "logprobs"}
    refuses = lambda parts: Reply(error="no", status=400) if together <= parts else None  # noqa: E731
    assert negotiate(ALL, server(refuses)) == ALL - {"logprobs"}


def test_log_probabilities_that_do_not_come_are_not_granted():
    assert negotiate(ALL, lambda _: said()) == ALL - {"logprobs"}


@pytest.mark.parametrize(
    "logprobs", [None, {}, [], {"content": None}, {"content": [{"token": "a"}, 1]}]
)
def test_log_probabilities_without_alternatives_are_not_granted(logprobs):
    value = {"choices": [{"message": {"content": "a"}, "logprobs": logprobs}]}
    assert "logprobs" not in negotiate(ALL, lambda _: Reply(value=value, status=200))


def test_what_refuses_the_plainest_request_refuses_for_another_reason():
    def refuse(parts: frozenset[str]) -> Reply:
        return Reply(error="the licence has expired", status=400)

    with pytest.raises(UnansweredError, match=r"^the licence has expired$"):
        negotiate(ALL, refuse)


@pytest.mark.parametrize("status", [None, 401, 404, 429, 500])
@given(st.integers(1, 7))
def test_a_server_that_fails_on_the_way_has_granted_nothing(status, at):
    asked = []

    def fails(parts: frozenset[str]) -> Reply | None:
        asked.append(parts)
        if len(asked) == at:
            return Reply(error="gone", status=status)
        return Reply(error="no", status=422) if parts & {"temperature", "max_tokens"} else None

    with pytest.raises(UnansweredError, match="gone"):
        negotiate(ALL, server(fails))


def test_what_is_no_chat_completion_is_no_answer():
    with pytest.raises(UnansweredError, match="no chat completion"):
        negotiate(ALL, lambda _: Reply(value={"error": "overloaded"}, status=200))


def body(parts: frozenset[str], **changes: object) -> dict[str, object]:
    given = {"schema": {"type": "object"}, "logprobs": True} | changes
    return request(model="m", system="S", user="U", max_tokens=9, parts=parts, **given)


def test_the_request_uses_what_is_granted_and_of_use():
    every = {"temperature", "max_tokens", "response_format", "logprobs", "top_logprobs"}
    assert every <= body(ALL).keys()
    assert body(frozenset()) == {
        "model": "m",
        "messages": [{"role": "user", "content": "S\n\nU"}],
        "stream": False,
        "max_completion_tokens": 8192,
    }
    plain = body(ALL, schema=None, logprobs=False)
    assert plain.keys() == {"model", "messages", "stream", "temperature", "max_tokens"}
