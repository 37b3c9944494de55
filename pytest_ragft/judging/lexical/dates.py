"""Dates in running text, when two agree, and whether an answer states them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pytest_ragft.judging.lexical.numbers import FURTHEST, ORDINALS, TENS
from pytest_ragft.judging.lexical.times import times

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_FIGURES = re.compile(
    r"(?<![\w.,/-])(?:"
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:t[0-9:.]{1,20}z?)?"
    r"|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}"
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
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


_MONTH = "|".join(
    f"{month}|{month[:3]}|sept" if month == "september" else f"{month}|{month[:3]}"
    for month in MONTHS
)
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2})"
_TH = r"(?:st|nd|rd|th)"
_TO_DAY = rf"(?:\s?(?:[-–]|to)\s?[0-3]?[0-9]{_TH}?"
_DATE = re.compile(
    r"(?<![\w.])(?:(?P<era_year>[1-9][0-9]{0,3})\s?(?:(?P<bc>b\.?c\.?(?:e\.?)?)|a\.?d|c\.?e)\b"
    r"|a\.?d\.?\s(?P<ad_year>[1-9][0-9]{0,3})(?![0-9])"
    rf"|(?P<day>[0-3]?[0-9]){_TH}?{_TO_DAY})?"
    rf"\s(?:of\s)?(?P<month>{_MONTH})\b\.?(?!\s[0-3]?[0-9]{_TH}?,?\s{_YEAR})"
    rf"(?:,?\s(?:of\s)?(?P<year>{_YEAR})(?![0-9]))?"
    rf"|(?P<month2>{_MONTH})\b\.?(?:\s(?:the\s)?(?P<day2>[0-3]?[0-9]){_TH}?(?![0-9:]))?"
    rf"{_TO_DAY}(?![0-9]))?(?:,?\s(?:of\s)?(?P<year2>{_YEAR})(?![0-9]))?"
    rf"|(?P<year3>{_YEAR})(?:(?P<decade>s)|[-–/](?P<until>[0-9]{{2}}))?(?![\w%]|[.,][0-9])"
    rf"|(?P<century>[0-9]{{1,2}}){_TH}[\s-]c(?:entury\b|\.)(?P<before>\s(?:bc|bce)\b)?"
    r"|(?P<short>[1-9]0)s\b)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Date:
    """A calendar date as far as a text states it."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    decade: bool = False
    century: int | None = None
    """Negative before Christ."""
    start: int = 0
    end: int = 0

    def agrees(self, other: Date) -> bool:
        """Whether nothing of one contradicts the other."""
        if self.century is not None or other.century is not None:
            return None in (self._of_century, other._of_century) or (
                self._of_century == other._of_century
            )
        if self.decade or other.decade:
            one, two = self.year, other.year
            if one is not None and two is not None and min(one, two) < 100:
                one, two = one % 100, two % 100
            return one is None or two is None or one // 10 == two // 10
        return all(
            one is None or two is None or one == two
            for one, two in (
                (self.year, other.year), (self.month, other.month), (self.day, other.day)
            )
        )  # fmt: skip

    @property
    def _of_century(self) -> int | None:
        if self.century is not None or self.year is None:
            return self.century
        if self.year < 0:
            return -((-self.year - 1) // 100 + 1)
        # "The 1100s" are the twelfth century.
        return (self.year - (not self.decade)) // 100 + 1

    def states(self, wanted: Date) -> bool:
        """Whether it says all that `wanted` says, and nothing else."""
        known = ((wanted.year, self.year), (wanted.month, self.month), (wanted.day, self.day))
        return (
            self.agrees(wanted)
            and all(one is None or two is not None for one, two in known)
            and (wanted.decade or not self.decade or wanted.century is not None)
            and (wanted.century is not None or self.century is None)
        )


@lru_cache(4096)
def dates(text: str) -> tuple[Date, ...]:
    """The dates of a normalised text, in order; a bare number of four digits may be a year."""
    return tuple(
        date for match in _DATE.finditer(_in_figures(text[:FURTHEST])) for date in _dates(match)
    )


def _dates(match: re.Match[str]) -> Iterator[Date]:
    month, day = match["month"] or match["month2"] or "", match["day"] or match["day2"]
    year = _year(match)
    # "may" and "march" are verbs, too, and "mar" and "sep" are nothing by themselves.
    if month and not day and year is None and (len(month) < 4 or month in ("may", "march")):
        return
    yield Date(
        year=year,
        month=_NUMBERS[month[:3]] if month else None,
        day=int(day) if day and 0 < int(day) < 32 else None,
        decade=bool(match["decade"] or match["short"]),
        century=_century(match),
        start=match.start(),
        end=match.end(),
    )
    if match["until"] and year is not None:
        until = year - year % 100 + int(match["until"])
        yield Date(year=until, start=match.start("until"), end=match.end())


def _year(match: re.Match[str]) -> int | None:
    """Negative before Christ, below 100 for a decade of an unknown century."""
    year = match["year"] or match["year2"] or match["year3"] or match["short"]
    if match["era_year"]:
        return -int(match["era_year"]) if match["bc"] else int(match["era_year"])
    year = year or match["ad_year"]
    return int(year) if year else None


_NUMBERS = {month[:3]: number for number, month in enumerate(MONTHS, start=1)}
# As many as a month has days, which is more than there are centuries.
_ORDINALS = (*ORDINALS, *(f"twenty-{one}" for one in ORDINALS[:9]), "thirtieth", "thirty-first")
_ORDINAL = re.compile(
    rf"\b({'|'.join(sorted(_ORDINALS, key=len, reverse=True))})\b"
    rf"(?=[\s-](?:century|of\s(?:{_MONTH})\b|(?:{_MONTH})\b))"
)
_TENS = tuple(f"{ten.removesuffix('y')}ies" for ten in TENS)
_DECADE = re.compile(
    rf"\b(?P<century>(?:sixteen|seventeen|eighteen|nineteen)[\s-])?(?P<tens>{'|'.join(_TENS)})\b"
)
_CENTURIES = {"sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19}


def _in_figures(text: str) -> str:
    """Centuries, days and decades in words as figures, padded so that places stay."""
    text = _ORDINAL.sub(
        lambda match: f"{_ORDINALS.index(match[1]) + 1}th".rjust(len(match[1])), text
    )
    return _DECADE.sub(_decade, text)


def _decade(match: re.Match[str]) -> str:
    tens = 10 * _TENS.index(match["tens"]) + 20
    century = _CENTURIES.get((match["century"] or "").strip(" -\n"), 0)
    return f"{century or ''}{tens}s".rjust(len(match[0]))


def _century(match: re.Match[str]) -> int | None:
    if not match["century"]:
        return None
    return -int(match["century"]) if match["before"] else int(match["century"])


def date_share(references: Sequence[str], question: str, answer: str) -> float | None:
    """1 for an answer with a reference's dates and times, 0 for one with others only.

    None where words must decide: where a reference has none, or the answer has none, or one that
    is less exact than the reference's and agrees with it.
    """
    asked = dates(question)
    said = [date for date in dates(answer) if not any(a.states(date) for a in asked)]
    clock = [times(reference) for reference in references]
    if any(clock):
        told = times(answer, dotted=True)
        return (
            float(
                any(
                    wanted and all(any(time.agrees(one) for time in told) for one in wanted)
                    for wanted in clock
                )
            )
            if told
            else None
        )
    wanted = [
        [date for date in dates(reference) if not any(a.states(date) for a in asked)]
        or list(dates(reference))
        for reference in references
    ]
    if not all(wanted):
        return None
    said = said or list(dates(answer))
    if not said:
        return None
    exact = [own for own in wanted if not _refined(own, wanted)]
    if any(all(any(date.states(one) for date in said) for one in own) for own in exact):
        return 1.0
    partly = [own for own in wanted if any(date.agrees(one) for one in own for date in said)]
    # Of a period one end may be left out, but not be another one.
    if any(len(own) == 1 or all(any(d.agrees(o) for o in own) for d in said) for own in partly):
        return None
    return 0.0


def _refined(own: Sequence[Date], references: Sequence[Sequence[Date]]) -> bool:
    """Whether another reference says the same more exactly, so that a coarse match is none."""
    return any(
        len(other) == len(own)
        and all(
            more.states(less) and not less.states(more)
            for less, more in zip(own, other, strict=True)
        )
        for other in references
    )
