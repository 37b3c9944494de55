"""What a reasoning model says, apart from what it thinks aloud before."""

from __future__ import annotations

import re

_NAMES = r"(?:seed:)?(?:think|thinking|thought|thoughts|reasoning|reflection)"
_OPENING = re.compile(
    rf"\s*(?:<(?P<angle>{_NAMES})>|\[(?P<square>THINK)\]|(?P<line>\u25c1)think\u25b7"
    r"|<\|(?P<start>START)_THINKING\|>)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    rf"</{_NAMES}>|\[/THINK\]|\u25c1/think\u25b7|<\|END_THINKING\|>", re.IGNORECASE
)
_CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)[^<\n]*(?:<\|constrain\|>[^<\n]*)?<\|message\|>")
_TURN_END = re.compile(r"<\|(?:end|return)\|>\s*\Z")
_TALKS = re.compile(r"\s*(?:[{\[]\s*[\"{\]}]|```)")
"""How a text begins that is said from its first character on."""


def said(text: str) -> str | None:
    """What stands behind the reasoning in a model's text; None where that was cut.

    Reasoning is marked by ``<think>…</think>`` and its like, by ``[THINK]…[/THINK]``, by a closing
    mark alone (the chat template opens it), or by gpt-oss's channels.
    """
    if channels := list(_CHANNEL.finditer(text)):
        last = channels[-1]
        return _TURN_END.sub("", text[last.end() :]) if last[1] == "final" else None
    while opening := _OPENING.match(text):
        closing = _CLOSING.search(text, opening.end())
        if closing is None:
            return None
        text = text[closing.end() :]
    if not _TALKS.match(text) and (closings := list(_CLOSING.finditer(text))):
        text = text[closings[-1].end() :]
    return text
