"""What a reference is, which decides by which rule answers are rated."""

from __future__ import annotations

import re
from typing import Literal

from pytest_ragft.records import QAExample

Kind = Literal[
    "number", "date", "identifier", "yesno", "name", "list", "choice", "statement", "statements"
]

VERSION = "kinds/1"

_LONG = 8
"""Words beyond which a reference says something rather than names it."""
_SHORT = 6
"""Words up to which a number or date is all that a reference is about."""
# "No. 5" and "No Country for Old Men" are names.
_POLAR = re.compile(r"(?:yes|no)(?:$|\s*[,;:!\u2013\u2014]|\.(?!\s*\d))", re.IGNORECASE)
_IDENTIFIER = re.compile(
    r"\S+@\S+\.\w+|https?://\S+|www\.\S+"  # addresses
    r"|v?\d+\.\d+(?:\.\d+)+|\+?\(?\d{2,}\)?(?:[ /-]\d{2,}){2,}"  # versions, telephone numbers
    r"|(?=\S*[A-Za-z])(?=\S*\d)[A-Za-z]\S*|\d+[a-z]+\d+\S*"  # codes
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    rf"(?:in |on |since |by |about )?(?:\d{{1,2}}(?:st|nd|rd|th)? )?{_MONTH}(?: \d{{1,2}},?)?"
    r"(?: \d{4})?|(?:in |since |by |about )?(?:1\d|20)\d\d|\d{4}-\d\d-\d\d"
    r"|\d{1,2}[./]\d{1,2}[./]\d{4}",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?:(?:about|around|every|at|within|up to|over|under|(?:more|less) than|at (?:lea|mo)st)\s+)?"
    r"[<>≤≥~±+\-−]?\s*(?:USD|EUR|GBP|[$€£¥])?\s*"
    r"[-−]?\d[\d.,]*(?:\s?[%‰°]|[a-zµ°]{1,3})?(?:[\s/–-]|$)",
    re.IGNORECASE,
)
_NUMERALS = (
    r"zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven"
    r"|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|million|billion"
    r"|dozen"
)
# "Seven Samurai" is a name.
_SPELLED = re.compile(rf"(?i:an? )?(?i:{_NUMERALS})(?:[ -](?:{_NUMERALS}))*(?: [a-z]+)?")
_SEPARATOR = re.compile(r"\s*(?:;|\n)\s*(?:[-*•]\s*)?")
_ARTICLE = re.compile(r"^(?:the|an?) ", re.IGNORECASE)


def kind_of(example: QAExample) -> Kind:
    """What the references of an answerable question are, by their form; its type helps."""
    shortest = min(example.references, key=len).strip().rstrip(".")
    words = len(shortest.split())
    if example.type == "yesno" or _POLAR.match(example.references[0].lstrip()):
        return "yesno"
    if example.type == "list" or _is_list(shortest):
        return "list"
    if _is_choice(shortest, example.question):
        return "choice"
    found = _value(shortest) if words <= _SHORT else None
    # A number such as 1500 has the form of a year.
    if example.type == "number" or example.type == "date":
        return "identifier" if found == "identifier" else example.type
    return found or _words(example, words)


def _value(text: str) -> Kind | None:
    # Before identifiers: 2031-05-06 could be a telephone number.
    if _DATE.fullmatch(text):
        return "date"
    if _IDENTIFIER.fullmatch(text):
        return "identifier"
    return "number" if _NUMBER.match(text) or _SPELLED.fullmatch(text) else None


def _words(example: QAExample, shortest: int) -> Kind:
    if example.type != "summary" and shortest <= _LONG:
        return "name"
    sentences = len(re.findall(r"[.!?](?:\s|$)", example.references[0]))
    return "statements" if sentences > 1 or len(example.facts) > 1 else "statement"


def _is_list(text: str) -> bool:
    items = [item for item in _SEPARATOR.split(text) if item]
    return len(items) > 1 and all(len(item.split()) <= _LONG for item in items)


def _is_choice(text: str, question: str) -> bool:
    offered = re.search(r"\bor\b", question, re.IGNORECASE) is not None
    return offered and _ARTICLE.sub("", text).casefold() in question.casefold()
