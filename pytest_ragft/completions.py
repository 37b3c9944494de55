"""What a model said in a completion of OpenAI's protocols: every shape is a stated outcome.

Of a chat completion counts the first choice's message: `content`, a text or a list of parts, beside
it perhaps reasoning in a field of its own (``reasoning_content``: vLLM, SGLang, DeepSeek;
``reasoning``: Ollama, OpenRouter, vLLM since 0.12), or a `refusal`; of a completion the choice's
`text`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pytest_ragft.reasoning import REASONING_FIELDS, split_reasoning
from pytest_ragft.records import Answer
from pytest_ragft.records.answering import Finish

Api = Literal["chat", "completions"]

_CUT = ("length", "max_tokens", "max_output_tokens", "model_length")
_FILTERED = ("content_filter", "content-filter", "safety", "recitation", "prohibited_content")
_BROKEN = ("error", "abort", "aborted", "cancelled", "canceled")
_CALLS = ("tool_calls", "function_call")
_TEXTS = ("text", "output_text")
_THOUGHTS = ("thinking", "reasoning", "reasoning_text")
_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A reply, read."""

    text: str = ""
    """As it came, with whatever marks reasoning in it."""
    thought: str = ""
    """Reasoning that came apart."""
    finish: Finish = "stop"
    absent: str = ""
    """What stands in the place of a text."""
    error: str | None = None
    """Why it is no answer; the next run asks again."""
    model: str = ""
    """The name that the server gives the model; empty where it gives none."""
    system_fingerprint: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


def read_reply(value: Any, api: Api) -> Said:
    """What a decoded reply says; never raises, whatever it is."""
    given = value if isinstance(value, Mapping) else {}
    choices = given.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, Mapping):
        return _no_answer(given, "its reply holds no choices")
    if api == "chat":
        message = choice.get("message")
        if not isinstance(message, Mapping):
            return _no_answer(given, "its reply holds no message; does the server speak chat?")
    else:
        message = {"content": choice.get("text")}
    return read_message(message, choice.get("finish_reason"), given)


def read_message(
    message: Mapping[str, Any], reason: Any = None, given: Mapping[str, Any] | None = None
) -> Said:
    """What an assistant's message says; never raises, whatever it is.

    Args:
        message: With `content`.
        reason: Why the model ended, in its server's words.
        given: The whole completion, where there is one.
    """
    given = given or {}
    content = message.get("content")
    said, thought = _parts(content)
    if said is None:
        return _no_answer(given, f"its content is of the type {type(content).__name__}")
    apart = [message[name] for name in REASONING_FIELDS if _is_said(message.get(name))]
    refusal = message.get("refusal")
    if not said.strip() and isinstance(refusal, str):
        said = refusal
    reason = reason.lower() if isinstance(reason, str) else ""
    if reason in _BROKEN:
        return _no_answer(given, f"it broke off (finish_reason {reason!r})")
    return Said(
        text=said,
        thought="\n\n".join([*apart[:1], *thought]),
        finish=finish_of(reason),
        absent="" if said.strip() else _absent(message, reason, content),
        **_about(given),
    )


def answer_of(
    said: Said, *, stop: Sequence[str] = (), dropped: int = 0, platform: str = ""
) -> Answer:
    """The answer in what was said: reasoning apart, and nothing behind a text that ends it."""
    parts = split_reasoning(said.text, apart=said.thought)
    text = parts.text
    # Hosted models that think do not show it: all tokens are used, and nothing is said.
    hidden = said.finish == "length" and not said.text.strip()
    for end in stop:
        text = text.partition(end)[0]
    return Answer(
        text=text.strip(),
        reasoning=parts.reasoning,
        reasoning_cut=parts.cut or hidden,
        finish=said.finish,
        absent=said.absent,
        prompt_tokens=said.prompt_tokens,
        completion_tokens=said.completion_tokens,
        passages_dropped=dropped,
        platform=platform,
    )


def _parts(content: Any) -> tuple[str | None, list[str]]:
    """Text and thoughts of a content; None for a type that says nothing."""
    if content is None:
        return "", []
    if isinstance(content, str):
        return content, []
    if not isinstance(content, list):
        return None, []
    said: list[str] = []
    thought: list[str] = []
    for part in content:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind in _TEXTS and isinstance(part.get("text"), str):
            said.append(part["text"])
        elif kind in _THOUGHTS:
            # Mistral's hold a list of parts themselves.
            inner = next((part[name] for name in (*_THOUGHTS, "text") if name in part), None)
            thought += filter(None, [inner if isinstance(inner, str) else _texts(inner)])
    return "".join(said), thought


def _texts(parts: Any) -> str:
    found = parts if isinstance(parts, list) else []
    texts = [part.get("text") for part in found if isinstance(part, Mapping)]
    return "".join(text for text in texts if isinstance(text, str))


def finish_of(reason: str) -> Finish:
    """How an answer ended, by what its server calls that."""
    reason = reason.lower()
    if reason in _CUT:
        return "length"
    return "content_filter" if reason in _FILTERED else "stop"


def _absent(message: Mapping[str, Any], reason: str, content: Any) -> str:
    if reason in _CALLS or any(message.get(name) for name in _CALLS):
        return "a call of a tool"
    return "null" if content is None else ""


def _no_answer(given: Mapping[str, Any], why: str) -> Said:
    error = given.get("error")
    words = error.get("message") if isinstance(error, Mapping) else error
    told = f"; it says: {words[:_SHOWN]}" if isinstance(words, str) and words.strip() else ""
    return Said(error=f"the server sent no answer: {why}{told}", finish="error", **_about(given))


def _about(given: Mapping[str, Any]) -> dict[str, Any]:
    usage = given.get("usage")
    counts = usage if isinstance(usage, Mapping) else {}
    known: dict[str, Any] = {
        name: given[name] for name in ("model", "system_fingerprint") if _is_said(given.get(name))
    }
    for name in ("prompt_tokens", "completion_tokens"):
        count = counts.get(name)
        if isinstance(count, int) and not isinstance(count, bool) and count >= 0:
            known[name] = count
    return known


def _is_said(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
