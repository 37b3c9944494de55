"""How two answers differ, word by word. Pure; all renderers share it."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Literal

Change = Literal["same", "removed", "added"]

MOST_WORDS = 400
"""Words of each text that are compared; the time grows with their product."""
LEAST_ALIKE = 0.25
"""Share of common words below which marks would only hide both texts."""


def word_diff(before: str, after: str) -> list[tuple[Change, str]] | None:
    """The words of both texts in order, in runs of one kind; None where hardly any is common."""
    old, new = before.split()[:MOST_WORDS], after.split()[:MOST_WORDS]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < LEAST_ALIKE:
        return None
    runs: list[tuple[Change, str]] = []
    for kind, i, j, k, end in matcher.get_opcodes():
        if kind == "equal":
            runs.append(("same", " ".join(old[i:j])))
            continue
        if i < j:
            runs.append(("removed", " ".join(old[i:j])))
        if k < end:
            runs.append(("added", " ".join(new[k:end])))
    return runs


def marked(before: str, after: str) -> str:
    """The second text with what it lacks as ``[-…-]`` and what is new as ``{+…+}``, like wdiff.

    Plain where hardly a word is common.
    """
    runs = word_diff(before, after)
    if runs is None:
        return " ".join(after.split()[:MOST_WORDS])
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return " ".join(marks[kind].format(text) for kind, text in runs)
