"""Dates written in figures, spelled out: ``1996-09-15`` becomes ``15 september 1996``."""

from __future__ import annotations

import re

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_FIGURES = re.compile(
    r"(?<![\w.,/-])(?:"
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:t[0-9:.]+z?)?"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"
    r"|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}"
    r")(?![\w/-]|\.[0-9])"
)


def spell_dates(text: str) -> str:
    """`text`, in lower case, with dates in figures spelled out.

    Year first is ISO 8601; with slashes the month comes first and with dots the day, unless that
    is no month. What is no date of the calendar stays as it is.
    """
    return _FIGURES.sub(_spelled, text) if _FIGURES.search(text) else text


def _spelled(match: re.Match[str]) -> str:
    from dateutil import parser

    try:
        date = parser.parse(match.group(), dayfirst=match.group()[1:3].count(".") == 1)
    except (ValueError, OverflowError):
        return match.group()
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"
