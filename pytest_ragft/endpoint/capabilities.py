"""Which parts of the chat completions API a server grants: asked for one by one, and found out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from pytest_ragft.endpoint.completion import (
    MalformedError,
    first_choice,
    have_alternatives,
    tokens_of,
)
from pytest_ragft.endpoint.outcome import Reply

PARTS = (
    "max_tokens",
    "system",
    "temperature",
    "response_format",
    "logprobs",
    "stop",
    "seed",
    "chat_template_kwargs",
)
"""Parts that one can do without. Where a server refuses two of them together, the first stays."""

ALL = frozenset(PARTS)
OF_QUESTIONS = ALL - {"stop", "seed", "chat_template_kwargs"}
"""Those that `request` makes use of."""

_REASONING_TOKENS = 8192
_ALTERNATIVES = 10


class UnansweredError(Exception):
    """A server does not answer even the plainest request; the message is in its words."""


class Memory(Protocol):
    """What was last seen, kept for later processes."""

    def get(self, *key: object) -> str | None:
        """What was put under a key; None where nothing was."""
        ...

    def put(self, *key: object, text: str) -> None:
        """Keep a text under a key, in place of what was there."""
        ...


def request(
    *,
    model: str,
    system: str,
    user: str,
    schema: Mapping[str, Any] | None,
    logprobs: bool,
    max_tokens: int,
    parts: frozenset[str],
    thinks: int = _REASONING_TOKENS,
) -> dict[str, Any]:
    """The body of a chat completion with greedy decoding.

    Args:
        model: Its name for the server.
        system: Instructions; they stand in the user's message where `parts` lacks ``system``. Empty
            for none.
        user: The question.
        schema: JSON schema of the reply, if it has one.
        logprobs: Whether log-probabilities are of use.
        max_tokens: Length of the reply.
        parts: Parts of the API that are used, as far as there is something to use them for.
        thinks: Tokens that a reply has at least where a server refuses ``max_tokens``.
    """
    messages = [{"role": "user", "content": user}]
    if system and "system" in parts:
        messages.insert(0, {"role": "system", "content": system})
    elif system:
        messages = [{"role": "user", "content": f"{system}\n\n{user}"}]
    body: dict[str, Any] = {"model": model, "messages": messages, "stream": False}
    if "temperature" in parts:
        body["temperature"] = 0
    if "max_tokens" in parts:
        body["max_tokens"] = max_tokens
    else:
        # Only reasoning models refuse it, and what they think counts as well.
        body["max_completion_tokens"] = max(max_tokens, thinks)
    if "response_format" in parts and schema is not None:
        form = {"name": "reply", "strict": True, "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    if "logprobs" in parts and logprobs:
        body["logprobs"], body["top_logprobs"] = True, _ALTERNATIVES
    return body


Delivered: TypeAlias = Callable[[frozenset[str], Reply], frozenset[str]]
"""Parts that came, of those that were asked for, by the reply; raises UnansweredError."""


def delivered(parts: frozenset[str], reply: Reply) -> frozenset[str]:
    """The parts that a chat completion came with: those asked for, but for log-probabilities.

    Raises:
        UnansweredError: it is none.
    """
    try:
        tokens = tokens_of(first_choice(reply.value))
    except MalformedError as error:
        raise UnansweredError(f"{error}; give the base URL of an OpenAI-compatible API") from None
    return parts if have_alternatives(tokens) else parts - {"logprobs"}


def negotiate(
    wants: frozenset[str],
    ask: Callable[[frozenset[str]], Reply],
    delivered: Delivered = delivered,
) -> frozenset[str]:
    """The parts among `wants` that a server grants.

    Its words about a refusal are not interpreted: servers name the wrong part, several, or none.
    A part is left out only when one and the same request is answered without it and refused with
    it; log-probabilities also when they were asked for and did not come.

    Args:
        wants: Parts that would be used.
        ask: Puts one fixed question with the given parts.
        delivered: Reads a reply without an error.

    Raises:
        UnansweredError: it does not answer, whatever is left out.
    """
    reply = ask(wants)
    if reply.error is None:
        return delivered(wants, reply)
    if not _refused(reply):
        raise UnansweredError(reply.error)
    granted = _plainest(wants, ask, delivered)
    for part in PARTS:
        if part in wants and part not in granted and part != "max_tokens":
            reply = ask(granted | {part})
            if reply.error is None:
                granted = delivered(granted | {part}, reply)
            elif not _refused(reply):
                raise UnansweredError(reply.error)
    return granted


def _plainest(
    wants: frozenset[str], ask: Callable[[frozenset[str]], Reply], delivered: Delivered
) -> frozenset[str]:
    """Nothing but the limit of tokens, by the one or the other of its two names."""
    refusals: list[str] = []
    for parts in dict.fromkeys((wants & {"max_tokens"}, frozenset[str]())):
        reply = ask(parts)
        if reply.error is None:
            return delivered(parts, reply)
        refusals.append(reply.error)
        if not _refused(reply):
            break
    raise UnansweredError("; ".join(dict.fromkeys(refusals)))


def _refused(reply: Reply) -> bool:
    return reply.status in (400, 422)
