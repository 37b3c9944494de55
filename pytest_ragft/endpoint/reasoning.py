"""What a model behind an endpoint says, apart from what it thinks aloud before."""

from __future__ import annotations

import re

from pytest_ragft.reasoning import split_reasoning

_TALKS = re.compile(r"\s*(?:[{\[]\s*[\"{\]}]|```)")
"""How a reply begins that is said from its first character on: it may quote marks of reasoning."""


def said(text: str) -> str | None:
    """What stands behind the reasoning in a reply; None where that was cut."""
    if _TALKS.match(text):
        return text
    parts = split_reasoning(text)
    return None if parts.cut else parts.text
