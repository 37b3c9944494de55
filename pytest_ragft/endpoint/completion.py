"""What a model said: the first choice of a chat completion, read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_ragft.reasoning import split_reasoning

# How a reply begins that is said from its first character on: it may quote marks of reasoning.
_TALKS = re.compile(r"\s*(?:[{\[]\s*[\"{\]}]|```)")


class MalformedError(ValueError):
    """A reply that is not of the form that was asked for; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a model said."""

    content: str
    logprobs: Sequence[Any] = ()
    """Its tokens with log-probabilities, as the server gave them; empty without."""


def read_completion(value: Any) -> Completion:
    """The first choice of a chat completion, as a whole.

    Raises:
        MalformedError: there is none, or it was cut or refused.
    """
    choice = first_choice(value)
    message, finish = choice["message"], choice.get("finish_reason")
    content = message["content"]
    if finish == "length":
        where = "while it was thinking" if _thinks(message) else "at the limit of tokens"
        raise MalformedError(f"the reply was cut {where}")
    if message.get("refusal") or finish == "content_filter":
        raise MalformedError("the model refused to answer")
    if not isinstance(content, str) or not content.strip():
        raise MalformedError("the reply is empty")
    return Completion(content=content, logprobs=tokens_of(choice))


def without_reasoning(text: str) -> str | None:
    """What stands behind the reasoning in a reply; None where that was cut."""
    if _TALKS.match(text):
        return text
    parts = split_reasoning(text)
    return None if parts.cut else parts.text


def _thinks(message: Mapping[str, Any]) -> bool:
    """Whether a reply ends within its reasoning, which some servers send apart."""
    content = message["content"]
    if isinstance(content, str) and content.strip():
        return without_reasoning(content) is None
    return any(message.get(name) for name in ("reasoning_content", "reasoning"))


def first_choice(value: Any) -> Mapping[str, Any]:
    """The first choice of a chat completion, whatever it says.

    Raises:
        MalformedError: there is none.
    """
    match value:
        case {"choices": [{"message": {"content": _}} as choice, *_]}:
            return dict(choice)
    raise MalformedError("the server sent no chat completion")


def tokens_of(choice: Mapping[str, Any]) -> Sequence[Any]:
    """The tokens of a choice with their log-probabilities, unread; empty without."""
    logprobs = choice.get("logprobs")
    tokens = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    return tokens if isinstance(tokens, list) else ()


def have_alternatives(tokens: Sequence[Any]) -> bool:
    """Whether what could have stood in a token's place is told of any of them."""
    return any(isinstance(token, Mapping) and token.get("top_logprobs") for token in tokens)
