"""By which rule an answer is rated: what its reference is, as the reference judge reads it."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, get_args

from pytest_ragft.judging.lexical import kinds as lexical
from pytest_ragft.judging.lexical.reading import AnswerReader
from pytest_ragft.records import QAExample

Kind = lexical.Kind | Literal["statements"]
KINDS: tuple[Kind, ...] = (*get_args(lexical.Kind), "statements")

VERSION = "kinds/2"
"""Changes whenever a kind may be another one, for whatever reason."""


def kind_of(example: QAExample) -> Kind:
    """What the references of an answerable question are, by their form; its type helps."""
    kind = _reader().target(example).kind
    if kind != "statement":
        return kind
    sentences = len(re.findall(r"[.!?](?:\s|$)", example.references[0]))
    return "statements" if sentences > 1 or len(example.facts) > 1 else "statement"


@cache
def _reader() -> AnswerReader:
    return AnswerReader()
