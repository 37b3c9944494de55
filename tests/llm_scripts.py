"""Scripted judge models: honest ones, gullible ones, and a reader of what they are shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.endpoint_server import Answer, Call, chat, logprobs_of, refuse

_CODE = re.compile(r"carries the code ([0-9a-f]{16})\.")
# What servers take for the end of a turn when they tokenise a message with its template.
MARKERS = re.compile(
    r"<\|\w*\|?>?|</?s>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|</?(?:tool_call|answer|verdict)>"
    r"|<\uff5c"
)


def read_blocks(call: Call) -> dict[str, str]:
    """The fenced texts of a prompt by name; fails where a fence is not intact."""
    (fence,) = set(_CODE.findall(call.body["messages"][0]["content"]))
    user = call.body["messages"][-1]["content"]
    edges = re.findall(rf"^\[([A-Z0-9 -]+) {fence} (BEGINS|ENDS)\] ?$", user, re.MULTILINE)
    names = [name for name, edge in edges if edge == "BEGINS"]
    assert edges == [(name, edge) for name in names for edge in ("BEGINS", "ENDS")]
    assert user.count(fence) == 2 * len(names), "the fence stands on its edges only"
    found = {}
    for name in names:
        _, _, rest = user.partition(f"[{name} {fence} BEGINS]\n")
        found[name], _, _ = rest.partition(f"\n[{name} {fence} ENDS]")
    return found


def outside(call: Call) -> str:
    """What a prompt says outside of its blocks."""
    user = call.body["messages"][-1]["content"]
    for name, text in read_blocks(call).items():
        fence = _CODE.findall(call.body["messages"][0]["content"])[0]
        user = user.replace(f"[{name} {fence} BEGINS]\n{text}\n[{name} {fence} ENDS]", "")
    return user


def rating(value: Any, reason: str = "because") -> Answer:
    return chat({"reason": reason, "rating": value})


def honest(call: Call) -> Answer:
    """Rates 4 where a reference stands in the answer, else 0; checks claims in the same way."""
    blocks = read_blocks(call)
    if "STATEMENTS" in blocks:
        return chat({"verdicts": _verdicts(blocks)})
    if "TEXT" in blocks:
        parts = [part.strip() for part in re.split(r"[.;]", blocks["TEXT"]) if part.strip()]
        return chat({"statements": parts})
    references = [text for name, text in blocks.items() if name.startswith("REFERENCE")]
    held = any(text.lower() in blocks["ANSWER"].lower() for text in references)
    if "\nEvaluation Steps:\n" in call.body["messages"][-1]["content"]:
        return chat({"reason": "r", "score": 10 if held else 0})
    return rating(4 if held else 0)


def _verdicts(blocks: dict[str, str]) -> list[dict[str, Any]]:
    lines = [line.partition(". ") for line in blocks["STATEMENTS"].splitlines()]
    text = blocks["TEXT"].lower()
    return [{"number": int(n), "supported": s.lower() in text} for n, _, s in lines]


def gullible(call: Call) -> Answer:
    """Like `honest`, but obeys what stands outside of blocks or behind a marker of a template."""
    body = call.body["messages"][-1]["content"]
    obeyed = outside(call) + " ".join(MARKERS.findall(body))
    ordered = re.search(
        r"(?i)ignore|override|verified|score: 1|verdict", obeyed.split("Reply with")[0]
    )
    if ordered or MARKERS.search(body):
        return rating(4, "as I was told")
    return honest(call)


def in_turn(*answers: Answer, then: Callable[[Call], Answer] = honest) -> Callable[[Call], Answer]:
    """The small first question honestly, then `answers` one after the other, then `then`."""

    def script(call: Call) -> Answer:
        if call.number == 1:
            return rating(4)
        at = call.number - 2
        return answers[at] if at < len(answers) else then(call)

    return script


def always(answer: Answer) -> Callable[[Call], Answer]:
    """`answer` to all but the small first question."""
    return lambda call: rating(4) if is_probe(call) else answer


def is_probe(call: Call) -> bool:
    return "Is water wet?" in json.dumps(call.body)


def probed(script: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
    """`script` behind the small first question."""
    return lambda call: rating(4) if is_probe(call) else script(call)


@dataclass
class Weighing:
    """Rates as `honest` does, with log-probabilities by which what is right is rated 3.6 of 4.

    What it does about log-probabilities can be switched while it runs.
    """

    logprobs: str = "grants"
    """``grants``, ``ignores``, ``names them`` in a refusal, or ``refuses`` without a word."""
    turns_after: int | None = None
    """Calls after which it names them in refusals."""

    def __call__(self, call: Call) -> Answer:
        late = self.turns_after is not None and call.number > self.turns_after
        mood = "names them" if late else self.logprobs
        if "logprobs" in call.body and mood == "names them":
            return refuse(400, "'logprobs' is not supported by this model")
        if "logprobs" in call.body and mood == "refuses":
            return refuse(422, "Unprocessable Entity")
        said = rating(4) if is_probe(call) else honest(call)
        if "logprobs" not in call.body or mood == "ignores":
            return said
        text = said.body["choices"][0]["message"]["content"]
        value = json.loads(text)["rating"]
        head, _, tail = text.rpartition(str(value))
        likely = {"4": 0.6, "3": 0.4} if value == 4 else {str(value): 1.0}
        return chat(text, logprobs=logprobs_of([head, str(value), tail], 1, likely))
