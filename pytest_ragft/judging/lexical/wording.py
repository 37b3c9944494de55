"""Wordings of numbers and units in the one form that quantities are read from."""

from __future__ import annotations

import re
from functools import lru_cache

from pytest_ragft.judging.lexical.numbers import spell_out
from pytest_ragft.judging.lexical.units import unit_of

_PERIOD = r"(?:second|minute|hour|day|week|fortnight|month|quarter|year|decade|century)"
# Patterns, each of bounded length, and what they become.
_REWRITTEN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), form)
    for pattern, form in (
        (r"(?<=[0-9])\s?(?:degrees?|deg|°)\s?(c|f)(?:elsius|entigrade|ahrenheit)?\b", r"°\1"),
        (r"\b([0-9]{1,9})[ -]and[ -]a[ -]half\b", r"\1.5"),
        (r"\b(?:an?|1) ([a-z]{3,12}) and a half\b", r"1.5 \1"),
        (r"\b([0-9]{1,2}):([0-5][0-9])\s?(?:hours|hrs)\b", r"\1 hour \2 minute"),
        (rf"\b(?:an?|1) (?:full|whole|single) (?={_PERIOD}\b)", "1 "),
        (rf"^an? (?={_PERIOD}\b)", "1 "),
        (r"\b0\.5 an? ", "0.5 "),
        (r"\bbasis points?\b", "bps"),
        (r"\b(?:square|sq\.?) ([a-z]{1,12})\b", r"\g<1>2"),
        (r"\b(?:cubic|cu\.?) ([a-z]{1,12})\b", r"\g<1>3"),
        (
            r"\b([0-9]{1,3})[\s-]?(?:ft|feet|foot)\.?,?[\s-](?:and )?([0-9]{1,2}(?:\.[0-9]{1,3})?)"
            r"[\s-]?in(?:ch|ches)?\b",
            r"\1 ft \2 inch",
        ),
        (r"(?<![\w.^*×])(?<![x×*]\s)10\s?\^\s?(?=[-−]?[0-9])", "1x10^"),
        (r"(?<=[0-9])x/(?=[a-z])", " times per "),
    )
)
# Not per day, week or year: that is how often, or goes without saying.
_PER = re.compile(
    r"(?<=[a-zμ°])\s?(?:per|/)\s?(kilogram|kilogramme|kg|litre|liter|l|ml|dl|second|sec|s|hour|hr|h"
    r"|metre|meter|m|m2|m\^2|km2)\b"
)
# Mixed fractions: "3 3/4".
_MIXED = re.compile(r"(?<![\w.,/])([0-9]{1,4})[ -]([0-9])/([2-9]|16)(?![\w/.])")
_BEFORE = re.compile(r"[a-zμ]{1,12}\Z")


@lru_cache(4096)
def spelled(text: str) -> str:
    """A normalised text (`text.plain`) with numerals for words and one form for units.

    Places of quantities are places in this text.
    """
    text = _MIXED.sub(_decimal, spell_out(text))
    for pattern, form in _REWRITTEN:
        text = pattern.sub(form, text)
    return _PER.sub(_per, text)


def _decimal(match: re.Match[str]) -> str:
    return f"{int(match[1]) + int(match[2]) / int(match[3]):.4g}"


def _per(match: re.Match[str]) -> str:
    """A unit with what it is per: "kilometres/hour"; "salary per hour" as it is."""
    lead = _BEFORE.search(match.string, max(0, match.start() - 12), match.start())
    return f"/{match[1]}" if lead and unit_of(lead[0]) else match[0]
