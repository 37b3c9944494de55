"""Questions of training pairs that stand in a suite that is to be gated."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from pytest_ragft.suite import Suite

_WORD = re.compile(r"\w+")


def overlap(questions: Sequence[str], gated: Suite) -> list[int]:
    """Positions of the questions that a suite asks, too: in the same words, in any case."""
    asked = {_words(example.question) for example in gated.examples}
    return [at for at, question in enumerate(questions) if _words(question) in asked]


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))
