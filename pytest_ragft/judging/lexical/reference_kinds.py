"""What a reference is, which decides how an answer is held against it.

Its form tells, with the question's; the type that a suite gives only helps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pytest_ragft.judging.lexical.dates import dates
from pytest_ragft.judging.lexical.identifiers import (
    identifiers,
    shape,
    wanted_codes,
    without_identifiers,
)
from pytest_ragft.judging.lexical.numeric_answers import (
    asks_amount,
    new_numbers,
    residue,
    wanted_numbers,
)
from pytest_ragft.judging.lexical.text import STOP_WORDS, Text
from pytest_ragft.judging.lexical.times import times
from pytest_ragft.records import QuestionType

ReferenceKind = Literal[
    "number", "date", "identifier", "yesno", "choice", "list", "name", "statement"
]

# Words besides it that a value may come with: "30 days from delivery".
_STRAY = 2
_SHORT = 8
_ASKS_TIME = re.compile(
    r"\b(?:when|what (?:time|date|day|year|month|decade|century)|which (?:year|date|day|month"
    r"|decade|century)|in what year|since when|until when"
    r"|(?:what|which) (?:period|years|dates|era))\b"
)
_SURE_SHAPES = ("@", "#", "v")


def kind_of(
    question: Text,
    keys: Sequence[Text],
    type: QuestionType | None,
    *,
    polar: bool,
    choice: bool,
    listed: bool,
    numbered: bool = False,
) -> ReferenceKind:
    """The kind of the references `keys`, the shortest of a question.

    Args:
        question: As it was read.
        keys: At least one.
        type: What the suite says; None where it says nothing.
        polar: Whether the question wants a yes or a no and the references are one.
        choice: Whether the references name one of what the question offers.
        listed: Whether a list is asked for and the references are one.
        numbered: Whether the references are names that hold a number.
    """
    if polar or type == "yesno":
        return "yesno"
    if choice:
        return "choice"
    if listed or type == "list":
        return "list"
    known = frozenset(question.content)
    key = min(keys, key=lambda words: len(words.content))
    stray = len(residue(key, known))
    if type != "summary" and _is_identifier(key, question):
        return "identifier"
    if type != "summary" and stray <= _STRAY:
        if _is_date(key, question, type) and all(map(_dates, keys)):
            return "date"
        numbered = numbered and stray > 0 and type != "number"
        amounts = all(wanted_numbers(words.plain, question.plain) for words in keys)
        amounts = amounts and (not stray or bool(new_numbers(key.plain, question.plain)))
        if amounts and not (numbered and _is_name(key, question)):
            return "number"
    if len(key.content) <= _SHORT and type != "summary" and not is_sentence(key):
        return "name"
    return "statement"


def _is_identifier(key: Text, question: Text) -> bool:
    asked = identifiers(question.plain)
    new = [name for name in wanted_codes(key.plain, question.plain) if name not in asked]
    sure = any(shape(name) in _SURE_SHAPES or "/" in name for name in new)
    if not new:
        return False
    if new != [name for name in identifiers(key.plain) if name not in asked]:
        return True
    rest = without_identifiers(key.plain)
    words = set(re.findall(r"[^\W\d_]{2,}", rest)) - STOP_WORDS
    words -= set(re.findall(r"[^\W\d_]{2,}", question.plain))
    return (sure and len(words) <= _SHORT) or (
        len(words) <= 1 and not wanted_numbers(rest, question.plain)
    )


def _is_name(numbered: Text, question: Text) -> bool:
    """Whether a name that holds a number is no amount: "Boeing 747" beside "5 Million"."""
    found = wanted_numbers(numbered.plain, question.plain)
    return not asks_amount(question.plain) and not any(q.unit or q.scale for q in found)


def _dates(key: Text) -> bool:
    return bool(dates(key.plain) or times(key.plain))


def _is_date(key: Text, question: Text, type: QuestionType | None) -> bool:
    found = dates(key.plain)
    if times(key.plain):
        return True
    if type == "number" or not found:
        return False
    whole = len(found) > 1 or any(date.month or date.decade or date.century for date in found)
    return type == "date" or whole or bool(_ASKS_TIME.search(question.plain))


_FINITE = re.compile(
    r"^(?:[\w'’.,()-]+ ){1,12}?(?:is|are|was|were|has|have|had|does|do|did|can|could|will|would|may"
    r"|might|must|should)\b"
)


def is_sentence(text: Text) -> bool:
    """Whether a text has a subject and a finite auxiliary, and so states something."""
    whole = text.plain.rstrip().endswith(".") and len(text.stems) > _PHRASE
    return whole or (bool(_FINITE.match(text.plain)) and len(text.stems) > _LEAST)


_LEAST = 3
# Words up to which a text that ends with a full stop may be a phrase: "Acme Inc.".
_PHRASE = 5
