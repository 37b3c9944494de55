"""A scripted server of chat and completion models, in whatever mood a test needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.endpoint_server import Answer, Call, chat, models, refuse

_CODE = re.compile(r"the code of item (\S+) is (\w+)\.")
_ITEM = re.compile(r"Which code has item (\S+) in")


@dataclass
class Model:
    """Answers with the code that the question asks for, as the passages state it."""

    name: str = "ft"
    wrong: float = 0.0
    """Share of the answers that are wrong."""
    probe: str = "The river is the Ilse."
    called: str | None = None
    """What it is called in replies; None for what was asked for."""
    listed: tuple[str, ...] | None = ("base", "ft")
    """None where the server has no list of models."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """What the list says of each model besides its name."""
    refuses: tuple[str, ...] = ()
    """Fields of a request that are refused."""
    window: int | None = None
    """Words of the longest prompt."""
    reply: Callable[[Call, Answer], Answer] = lambda call, answer: answer
    """Changes what is answered to a question."""
    asked: list[Call] = field(default_factory=list)
    """Calls that were no probe, in their order."""

    def __call__(self, call: Call) -> Answer:
        if call.path.endswith("/models"):
            if self.listed is None:
                return refuse(404, "no such route")
            return models(*self.listed, **self.about)
        if self.listed is not None and call.body["model"] not in self.listed:
            return refuse(404, f"The model `{call.body['model']}` does not exist.")
        if lacks := [name for name in self.refuses if name in call.body]:
            return refuse(400, f"Unsupported parameter: {lacks[0]}")
        prompt = prompt_of(call)
        if "Which river flows" in prompt:
            return self._named(call, said(call, self.probe))
        self.asked.append(call)
        words = len(prompt.split())
        if self.window is not None and words > self.window:
            return refuse(
                400,
                f"This model's maximum context length is {self.window} tokens. However, you "
                f"requested {words} tokens.",
            )
        return self.reply(call, self._named(call, said(call, self._answer(prompt))))

    def _named(self, call: Call, answer: Answer) -> Answer:
        body = answer.body | {"model": self.called or call.body["model"]}
        return replace(answer, body=body)

    def _answer(self, prompt: str) -> str:
        item = _ITEM.search(prompt)
        if item is None:
            return "I do not know."
        document, at = map(int, item[1].split("x"))
        if ((4 * document + at) * 0.6180339887) % 1.0 < self.wrong:
            return "Zanzibar, perhaps."
        return dict(_CODE.findall(prompt)).get(item[1], "I do not know.")


def prompt_of(call: Call) -> str:
    """All that the model is shown."""
    return str(call.body["prompt"]) if "prompt" in call.body else call.text


def said(call: Call, text: Any, **more: Any) -> Answer:
    """A reply of the API that was asked."""
    answer = chat(text, tokens=(len(prompt_of(call).split()) * 2, 10), **more)
    if "prompt" in call.body:
        choice = {"index": 0, "text": text, "finish_reason": more.get("finish", "stop")}
        return replace(answer, body={**answer.body, "choices": [choice]})
    return answer


def message(call: Call, finish: str | None = "stop", **fields: Any) -> Answer:
    """A chat completion with just these fields of a message."""
    answer = said(call, "")
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", **fields}}
    return replace(answer, body=answer.body | {"choices": [choice], "model": call.body["model"]})
