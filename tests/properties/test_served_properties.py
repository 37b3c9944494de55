"""Replies of servers, whatever they hold: a stated outcome each, and never a traceback."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.completions import answer_of, read_reply
from pytest_ragft.endpoint.outcome import Reply
from pytest_ragft.evaluation.answering import whole
from pytest_ragft.evaluation.codec import answer_from, answer_to_plain, dumps
from pytest_ragft.generation.served_listing import is_called, read_listing, window_of
from pytest_ragft.generation.served_request import is_too_long, was_cut
from pytest_ragft.records.answering import Finish

APIS = st.sampled_from(["chat", "completions"])
TEXTS = st.text(max_size=30) | st.sampled_from(["<think>", "</think>x", "\ud83d", " "])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
PARTS = st.lists(
    VALUES
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["text", "thinking", "image"])},
        optional={"text": TEXTS | VALUES, "thinking": TEXTS | VALUES},
    ),
    max_size=3,
)
CONTENT = st.none() | TEXTS | PARTS | VALUES
FINISHES = st.sampled_from(
    ["stop", "length", "content_filter", "tool_calls", "abort", "eos_token", "", None]
)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "content": CONTENT,
        "reasoning_content": TEXTS | VALUES,
        "reasoning": TEXTS | VALUES,
        "refusal": TEXTS | VALUES,
        "tool_calls": VALUES,
    },
)
CHOICES = VALUES | st.fixed_dictionaries(
    {}, optional={"message": MESSAGES | VALUES, "text": CONTENT, "finish_reason": FINISHES | VALUES}
)
REPLIES = VALUES | st.fixed_dictionaries(
    {},
    optional={
        "choices": st.lists(CHOICES, max_size=2) | VALUES,
        "usage": VALUES | st.fixed_dictionaries({}, optional={"prompt_tokens": VALUES}),
        "model": VALUES,
        "system_fingerprint": VALUES,
        "error": VALUES | st.fixed_dictionaries({"message": VALUES}),
    },
)


@given(REPLIES, APIS)
def test_every_reply_is_an_answer_or_says_why_not(reply: Any, api: Any) -> None:
    said = read_reply(reply, api)
    assert said.finish in get_args(Finish)
    if said.error is not None:
        assert said.error.startswith("the server sent no answer: ")
        assert (said.text, said.finish) == ("", "error")
        return
    answer = whole(answer_of(said, stop=("\n\n",), dropped=0, platform="p"))
    if not answer.text and not said.text.strip() and said.absent:
        assert answer.unanswered, "an answer that is none says why"
    assert "\n\n" not in answer.text
    assert answer_from(answer_to_plain(answer)) == answer
    dumps(answer_to_plain(answer))


@given(st.text(max_size=40), TEXTS, st.sampled_from(["stop", "length"]))
def test_what_was_said_arrives(text: str, thought: str, finish: str) -> None:
    message = {"content": text, "reasoning_content": thought}
    reply = {"choices": [{"message": message, "finish_reason": finish}]}
    said = read_reply(reply, "chat")
    assert said.text == text
    assert said.thought == (thought if thought.strip() else "")
    assert said.finish == finish
    raw = read_reply({"choices": [{"text": text, "finish_reason": finish}]}, "completions")
    assert (raw.text, raw.finish) == (text, finish)


@given(
    VALUES
    | st.fixed_dictionaries(
        {
            "data": st.lists(
                VALUES
                | st.fixed_dictionaries(
                    {"id": VALUES}, optional={"created": VALUES, "max_model_len": VALUES}
                )
            )
        }
    ),
    st.text(),
)
def test_every_list_of_models_is_read(value: Any, name: str) -> None:  # fmt: skip
    listing = read_listing(value)
    if listing is not None:
        assert listing.names(listing.ids[0])
        entry = listing.entry(listing.ids[0], 0.0)
        assert entry["id"]
        assert (window_of(entry) or 1) > 0
        assert isinstance(listing.names(name), bool)


@given(st.text(min_size=1))
def test_a_name_is_its_own(name: str) -> None:
    assert is_called(name, name)
    assert is_called(name, f"{name}-2026-11-28")
    assert is_called(name, f"{name}:latest")
    assert not is_called("gpt-4o", "gpt-4o-mini")
    assert not is_called("ft", "base")


@given(st.integers(), st.text(), st.text())
def test_only_a_refusal_is_too_long(status: int, error: str, code: str) -> None:
    reply = Reply(error=error, status=status, code=code)
    if is_too_long(reply):
        assert status in (400, 413, 422, 500)


def test_refusals_of_long_prompts_in_the_words_of_servers() -> None:
    for words in (
        "This model's maximum context length is 2048 tokens. However, you requested 2500 tokens",
        "the request exceeds the available context size (4096 tokens), try increasing it",
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 2100",
        "input length exceeds the context length",
        "The decoder prompt (length 9000) is longer than the maximum model length of 4096.",
        "Prompt is too long: 210000 tokens > 200000 maximum",
    ):
        assert is_too_long(Reply(error=words, status=400)), words
    for words in ("max_tokens must be at least 1", "the key is too long", "bad temperature"):
        assert not is_too_long(Reply(error=words, status=400)), words
    assert not is_too_long(Reply(error="maximum context length", status=401))


@given(st.lists(st.just("word"), max_size=50), st.integers(0, 100))
def test_a_prompt_is_cut_where_it_has_more_words_than_tokens(words: list[str], n: int) -> None:
    reply = {"choices": [{"text": "x"}], "usage": {"prompt_tokens": n}}
    cut = was_cut(" ".join(words), read_reply(reply, "completions"))
    assert cut == (0 < n < 0.75 * len(words))
