"""What a served model is asked: bodies of the two APIs, the probe that tells models apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_ragft.completions import Api, Said, read_reply
from pytest_ragft.endpoint.capabilities import UnansweredError, request
from pytest_ragft.endpoint.outcome import Reply
from pytest_ragft.records import Prompt, Request

PATHS: Mapping[Api, str] = {"chat": "chat/completions", "completions": "completions"}

PROBE = Prompt(
    system="Answer in one sentence.",
    user="{question}",
    question="Which river flows through the town, and when was its bridge built?",
)
"""Asked greedily at the start of each run: another answer is another model."""
PROBE_TOKENS = 24

# Variables of chat templates that switch reasoning; those that a template does not know do nothing.
_SWITCHES = ("enable_thinking", "thinking")


_TOO_LONG = ("context_length_exceeded", "exceed_context_size_error")
# vLLM and OpenAI: "maximum context length is"; llama.cpp: "exceeds the available context size";
# TGI: "`inputs` tokens + `max_new_tokens` must be <="; Ollama: "exceeds the context length".
_SAYS_TOO_LONG = re.compile(
    r"context[ _-]?(?:length|size|window)|maximum (?:model|sequence|input) length|max_model_len"
    r"|(?:prompt|input|inputs?`? tokens).{0,60}(?:too long|exceed|must be <=)",
    re.IGNORECASE,
)
FEWEST = 0.75
"""Tokens a word; a tokenizer that needs fewer is unknown, and whoever counts fewer cut a prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """All that decides a request besides its prompt and the length of its answer."""

    api: Api
    model: str
    stop: tuple[str, ...] = ()
    thinking: str | None = None

    @property
    def path(self) -> str:
        """Below the base URL."""
        return PATHS[self.api]

    @property
    def wants(self) -> frozenset[str]:
        """Parts of the API that there is a use for."""
        wants = {"temperature", "seed"} | ({"stop"} if self.stop else set())
        if self.api == "chat":
            wants |= {"max_tokens", "system"}
            wants |= {"chat_template_kwargs"} if self.thinking else set()
        return frozenset(wants)

    def body(
        self, asked: Request, *, max_tokens: int, parts: frozenset[str], keep: int | None = None
    ) -> dict[str, Any]:
        """The body of a request for one answer.

        Args:
            asked: whose prompt it holds.
            max_tokens: Length of the answer.
            parts: of the API that are used, as far as there is something to use them for.
            keep: Passages that are shown; None for all of them.
        """
        texts = {m["role"]: m["content"] for m in asked.prompt.messages(keep)}
        system, user = texts.get("system", ""), texts["user"]
        if self.api == "completions":
            prompt = f"{system}\n\n{user}" if system else user
            body: dict[str, Any] = {
                "model": self.model,
                "prompt": prompt,
                "stream": False,
                "max_tokens": max_tokens,
            }
        else:
            body = request(
                model=self.model,
                system=system,
                user=user,
                schema=None,
                logprobs=False,
                max_tokens=max_tokens,
                parts=parts,
                thinks=1,
            )
            body.pop("temperature", None)
        body |= {name: value for name, value in drawing(asked).items() if _grants(parts, name)}
        if self.stop and "stop" in parts:
            body["stop"] = list(self.stop)
        if self.thinking and "chat_template_kwargs" in parts:
            switch = dict.fromkeys(_SWITCHES, self.thinking == "on")
            body["chat_template_kwargs"] = switch
        return body

    def probe(self, parts: frozenset[str]) -> dict[str, Any]:
        """The body that asks the probe."""
        asked = Request(suite="", id="", prompt=PROBE)
        return self.body(asked, max_tokens=PROBE_TOKENS, parts=parts)

    def delivered(self, parts: frozenset[str], reply: Reply) -> frozenset[str]:
        """All of `parts`, where a reply is one; for `negotiate`.

        Raises:
            UnansweredError: it is none.
        """
        if (error := read_reply(reply.value, self.api).error) is not None:
            raise UnansweredError(f"{error}; give the base URL of an OpenAI-compatible API")
        return parts


def drawing(asked: Request) -> dict[str, Any]:
    """How the tokens of an answer are drawn: the one place where this goes into a request."""
    of = asked.sampling
    if of is None:
        return {"temperature": 0, "seed": 0}
    top_p = {} if of.top_p is None else {"top_p": of.top_p}
    return {"temperature": of.temperature, "seed": of.seed, **top_p}


def _grants(parts: frozenset[str], name: str) -> bool:
    return ("temperature" if name == "top_p" else name) in parts


def text_of(prompt: Prompt, keep: int | None = None) -> str:
    """All that a prompt shows to the model."""
    return "\n\n".join(message["content"] for message in prompt.messages(keep))


def is_too_long(reply: Reply) -> bool:
    """Whether a server refused a prompt, or a prompt with its answer, as too long for its model."""
    if reply.error is None or reply.status not in (400, 413, 422, 500):
        return False
    return reply.code in _TOO_LONG or _SAYS_TOO_LONG.search(reply.error) is not None


def was_cut(prompt: str, said: Said) -> bool:
    """Whether a server read less than the prompt, as some do unasked: fewer tokens than words."""
    if not said.prompt_tokens:  # some say 0 where they do not count
        return False
    return said.prompt_tokens < FEWEST * len(prompt.split())
