"""Which parts of the chat completions API a server understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WORDS: Mapping[str, tuple[str, ...]] = {
    "logprobs": ("logprobs",),
    "response_format": ("response_format", "json_schema", "structured"),
    "temperature": ("temperature",),
    "max_tokens": ("max_tokens",),
    "system": ("system role", "role 'system'", 'role "system"', "system message"),
}
"""Parts that one can do without, first to go first, and how servers that refuse them say so."""

ALL = frozenset(WORDS)
_REASONING_TOKENS = 8192


def fewer(features: frozenset[str], refusal: str) -> frozenset[str] | None:
    """What remains of `features` when a server refused a request that used them.

    What the refusal names goes; where it names none, the next one. None: nothing is left to do
    without.
    """
    said = refusal.lower()
    named = frozenset(f for f in features if any(word in said for word in WORDS[f]))
    if named:
        return features - named
    first = next((f for f in WORDS if f in features), None)
    return None if first is None else features - {first}


def request(
    *,
    model: str,
    system: str,
    user: str,
    schema: Mapping[str, Any],
    max_tokens: int,
    features: frozenset[str],
) -> dict[str, Any]:
    """The body of a chat completion that uses `features`, and greedy decoding."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    if "system" not in features:
        messages = [{"role": "user", "content": f"{system}\n\n{user}"}]
    body: dict[str, Any] = {"model": model, "messages": messages, "stream": False}
    if "temperature" in features:
        body["temperature"] = 0
    if "max_tokens" in features:
        body["max_tokens"] = max_tokens
    else:
        # Only reasoning models refuse it, and what they think counts as well.
        body["max_completion_tokens"] = max(max_tokens, _REASONING_TOKENS)
    if "response_format" in features:
        form = {"name": "judgement", "strict": True, "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    if "logprobs" in features:
        body["logprobs"], body["top_logprobs"] = True, 10
    return body
