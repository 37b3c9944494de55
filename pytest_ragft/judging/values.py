"""Answers to questions for a value: a number, a date, an identifier.

A value is right or it is not: another one in its place is wrong, whatever words surround it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pytest_ragft.judging.numbers import spell_out
from pytest_ragft.judging.quantities import Quantity, quantities, same
from pytest_ragft.judging.text import STOP_WORDS, Text

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = "|".join(f"{month}|{month[:3]}|sept" if month == "september" else f"{month}|{month[:3]}"
                  for month in MONTHS)  # fmt: skip
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2})"
_DATE = re.compile(
    rf"(?<![\w.])(?:(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?(?:\s?(?:[-–]|to)\s?[0-3]?[0-9](?:st|nd|rd|th)?)?"
    rf"\s(?:of\s)?(?P<month>{_MONTH})\b\.?(?:,?\s(?:of\s)?(?P<year>{_YEAR})(?![0-9]))?"
    rf"|(?P<month2>{_MONTH})\b\.?(?:\s(?P<day2>[0-3]?[0-9])(?:st|nd|rd|th)?(?![0-9:]))?"
    rf"(?:\s?(?:[-–]|to)\s?[0-3]?[0-9](?:st|nd|rd|th)?(?![0-9]))?(?:,?\s(?:of\s)?(?P<year2>{_YEAR})(?![0-9]))?"
    rf"|(?P<year3>{_YEAR})(?P<decade>s)?(?![\w%]|[.,][0-9])"
    r"|(?P<century>[0-9]{1,2})(?:st|nd|rd|th)[\s-]century\b(?P<before>\s(?:bc|bce)\b)?"
    r"|(?P<year4>[1-9][0-9]{0,3})\s?(?:a\.?d|b\.?c\.?(?:e\.?)?|c\.?e)\b)"
)
_TIME = re.compile(
    r"(?<![\w.:])(?P<hour>[0-2]?[0-9])(?:[:.h](?P<minute>[0-5][0-9])(?::[0-5][0-9])?)?\s?"
    r"(?P<half>[ap]\.?\s?m\b\.?|o'?clock|noon|midnight)?(?![\w:])"
)
_ONE = 1
_PAST = re.compile(
    r"\b(?:a )?(?P<part>half|quarter) (?P<way>past|to) (?P<hour>[0-9]{1,2}|one|two|three|four|five|six"
    r"|seven|eight|nine|ten|eleven|twelve)\b"
)
_NAMED_TIMES = re.compile(r"\b(?:noon|midday|midnight)\b")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|gov|edu|dev|ai|uk|de|ch|eu|int)(?:/[^\s<>\"')\]]*)?")
_VERSION = re.compile(r"(?<![\w.])v?\.?\s?([0-9]+(?:\.[0-9]+){2,}(?:[-+]?(?:rc|a|b|beta|alpha|post|dev)\.?[0-9]*)?)(?![\w]|\.[0-9])")
_STATED_VERSION = re.compile(r"(?:\bv|\bversion\s?|\brelease\s?)([0-9]+(?:\.[0-9]+)+)(?![\w]|\.[0-9])")
_PHONE = re.compile(r"(?<![\w.,$€£])(?:\+|\()?[0-9](?:[\s()./-]{0,3}[0-9]){5,14}(?![\w%]|[.,][0-9])")
_CODE = re.compile(r"(?<![^\W_])(?=[^\W_]*[0-9])(?=[^\W_]*[^\W\d_])[^\W_]+(?:[-_./][^\W_]+)*(?![^\W_])"
                   r"|(?<![^\W_])(?=[^\W_]*[^\W\d_])[^\W_]+(?:[-_/](?=[^\W_]*[0-9])[^\W_]+)+(?:[-_./][^\W_]+)*(?![^\W_])")  # fmt: skip
_MEASURED = re.compile(
    r"(?:[0-9]+(?:st|nd|rd|th|s)|[0-9.,]+(?:[a-z°µ]{1,4}(?:/[a-z]+)?)|(?:fy|q|h)[0-9]+(?:fy[0-9]+)?|[0-9]+-[a-z-]+"
    r"|(?:mid|pre|post|age|aged|top|under|over|early|late|fy|in|of|to|and|or)-[0-9s]+)"
)
_LOCAL = 7
"""Digits of a telephone number that may stand without the code of its country."""
_GENERIC = frozenset(
    "about around approximately approx roughly nearly almost every each per over under least most"
    " up more less than between total number amount answer equals equal ratio value usd us eur gbp"
    " dollar dollars euro euros pound pounds cents percent percentage point points million millions"
    " billion billions thousand thousands trillion mn bn m k b circa ca only exactly estimated"
    " annually annual yearly monthly weekly daily hourly basis times time once twice".split()
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
        return (self.year - 1) // 100 + 1

    def states(self, wanted: Date) -> bool:
        """Whether it says all that `wanted` says, and nothing else."""
        known = ((wanted.year, self.year), (wanted.month, self.month), (wanted.day, self.day))
        return (
            self.agrees(wanted)
            and all(one is None or two is not None for one, two in known)
            and (wanted.decade or not self.decade)
            and (wanted.century is not None or self.century is None)
        )


@lru_cache(4096)
def dates(text: str) -> tuple[Date, ...]:
    """The dates of a normalised text, in order; a bare number of four digits may be a year."""
    found = []
    for match in _DATE.finditer(_ordinals(text)):
        month = match["month"] or match["month2"]
        day, year = match["day"] or match["day2"], match["year"] or match["year2"] or match["year3"]
        year = year or match["year4"]
        # "may" and "march" are verbs, too, and "mar" and "sep" are nothing by themselves.
        if month and not day and not year and (len(month) < 4 or month in ("may", "march")):
            continue
        number = 1 + next((at for at, name in enumerate(MONTHS) if month and name.startswith(month[:3])), -1)
        found.append(
            Date(
                year=int(year) if year else None,
                month=number or None,
                day=int(day) if day and 0 < int(day) < 32 else None,
                decade=bool(match["decade"]),
                century=_century(match),
                start=match.start(),
                end=match.end(),
            )
        )
    return tuple(found)


_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth", "twentieth", "twenty-first",
)  # fmt: skip
_ORDINAL = re.compile(rf"\b({'|'.join(_ORDINALS)})(?=[\s-]century)")


def _ordinals(text: str) -> str:
    """Centuries in words as figures, padded so that places stay."""
    return _ORDINAL.sub(
        lambda match: f"{_ORDINALS.index(match[1]) + 1}th".rjust(len(match[1])), text
    )


def _century(match: re.Match[str]) -> int | None:
    if not match["century"]:
        return None
    return -int(match["century"]) if match["before"] else int(match["century"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """A time of day."""

    minute: int
    """Minutes after midnight; of a twelve-hour clock where `half` is unknown."""
    half: bool
    """Whether the half of the day is known."""

    def agrees(self, other: Time) -> bool:
        """Whether both may be the same time."""
        if self.half and other.half:
            return self.minute == other.minute
        return self.minute % 720 == other.minute % 720


def times(text: str) -> tuple[Time, ...]:
    """Times of day in a normalised text; a bare number is none."""
    found = [
        Time(minute=0 if match[0] == "midnight" else 720, half=True)
        for match in _NAMED_TIMES.finditer(text)
    ]
    text = spell_out(_PAST.sub(_past, text))
    for match in _TIME.finditer(text):
        half = (match["half"] or "")[:1]
        if not half and not (match["minute"] and ":" in match[0]):
            continue
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        known = half in ("a", "p") or hour > 12 or match["hour"].startswith("0")
        if half in ("a", "p") and hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        if hour < 24:
            found.append(Time(minute=60 * hour + minute, half=known))
    return tuple(found)


def _past(match: re.Match[str]) -> str:
    hours = spell_out(match["hour"])
    hour = int(hours) if hours.isdecimal() else _ONE
    offset = 30 if match["part"] == "half" else 15
    total = 60 * hour + (offset if match["way"] == "past" else -offset)
    return f"{total // 60}:{total % 60:02d}"


@lru_cache(4096)
def identifiers(text: str) -> tuple[str, ...]:
    """E-mail addresses, URLs, versions, phone numbers and codes of a normalised text, in order."""
    found: list[tuple[int, str]] = []
    rest = text
    for pattern, form in (
        (_EMAIL, str),
        (_URL, lambda url: re.sub(r"^(?:https?://)?(?:www\.)?|[/.,;]+$", "", url)),
        (_STATED_VERSION, lambda version: "v" + re.sub(r"^[a-z\s]+", "", version)),
        (_VERSION, lambda version: "v" + re.sub(r"^v?\.?\s?", "", version)),
    ):
        for match in pattern.finditer(rest):
            found.append((match.start(), form(match[0].strip("."))))
        rest = pattern.sub(lambda match: " " * len(match[0]), rest)
    for match in _PHONE.finditer(rest):
        digits = re.sub(r"\D", "", match[0])
        if re.search(r"[\s()/-]|^\+", match[0].strip()) and not _DATE.search(match[0]) and len(digits) >= 6:
            found.append((match.start(), "#" + digits))
    for match in _CODE.finditer(rest):
        if not _MEASURED.fullmatch(match[0]):
            found.append((match.start(), "".join(c for c in match[0] if c.isalnum())))
    return tuple(name for _, name in sorted(found))


def shape(identifier: str) -> str:
    """What kind of identifier it is: letters and digits of one are those of its siblings."""
    if "@" in identifier:
        return "@"
    if identifier[0] in "#v" and identifier[1:2].isdigit():
        return identifier[0]
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"[0-9]+", "0", identifier))


def asked_scale(question: str) -> Decimal | None:
    """The scale in which a question wants numbers, as in "in USD millions"."""
    match = re.search(
        r"\bin\s(?:units\sof\s)?(?:(?:us|usd|eur|gbp|\$|€|£|dollars?|euros?|pounds?)\s?)*"
        r"(thousand|million|billion|trillion)s?\b|\b(?:usd|\$|€|£)\s?(thousand|million|billion)s?\b"
        r"|\((?:in\s)?(?:usd\s)?(thousand|million|billion)s?",
        question,
    )
    if match is None:
        return None
    word = next(filter(None, match.groups()))
    return {"thousand": Decimal(10**3), "million": Decimal(10**6), "billion": Decimal(10**9),
            "trillion": Decimal(10**12)}[word]  # fmt: skip


_COUNTED = re.compile(r"\bhow many (?:(?:different|total|more|other|new|main) )?(?:[a-z]+ )?([a-z]{3,})")


def residue(text: Text, known: Collection[str]) -> set[str]:
    """Content that is neither of the question nor number, unit, date or filling."""
    return {
        stem
        for stem in text.content
        if stem not in known and not any(map(str.isdigit, stem)) and stem not in _GENERIC_STEMS
    }


_GENERIC_STEMS = _GENERIC | {
    "everi", "approxim", "roughli", "nearli", "circa", "percentag", "onli", "exactli", "equal",
    "estim", "annual", "yearli", "monthli", "weekli", "daili", "hourli", "basi", "onc", "twice",
    "valu", "dollar", "euro", "pound", "cent", "year", "month", "week", "dai", "hour", "minut",
    "second", "decad", "centuri", "km", "m", "cm", "mm", "kg", "g", "mg", "µg", "l", "ml", "ft",
    "inch", "mile", "degre", "db", "old", "long", "high", "tall", "januari", "februari", "march",
    "april", "mai", "june", "juli", "august", "septemb", "octob", "novemb", "decemb", "answer",
} | STOP_WORDS  # fmt: skip


def new_numbers(reference: str, question: str) -> tuple[Quantity, ...]:
    """The quantities of a reference that its question does not give; no dates."""
    asked = quantities(question)
    return tuple(
        q
        for q in quantities(reference)
        if not _dated(reference, q)
        and not any(q.value == a.value and q.unit == a.unit for a in asked)
    )


def wanted_numbers(reference: str, question: str) -> tuple[Quantity, ...]:
    """The new quantities of a reference; all where its question gives all."""
    return new_numbers(reference, question) or tuple(
        q for q in quantities(reference) if not _dated(reference, q)
    )


def _dated(text: str, quantity: Quantity) -> bool:
    return any(
        date.start <= quantity.start < date.end
        for date in dates(text)
        if date.month or date.decade or not quantity.unit and not quantity.scale
    )


def number_share(references: Sequence[str], question: str, answer: str) -> float | None:
    """1 for an answer with the new numbers of a reference, 0 for one with others or none.

    In between, the share of several that an answer states without another in their place. None
    where a reference has no number.

    Args:
        references: Normalised.
        question: Normalised.
        answer: Normalised.
    """
    wanted = [wanted_numbers(reference, question) for reference in references]
    if not all(wanted):
        return None
    return max(_number_share(numbers, question, answer) for numbers in wanted)


def _number_share(wanted: Sequence[Quantity], question: str, answer: str) -> float:
    asked = asked_scale(question)
    said = _in_place(answer, question)
    given = quantities(question)

    def right(one: Quantity, other: Quantity) -> bool:
        return same(one, other, asked=asked, bare=True)

    hits = [any(right(one, other) for other in said) for one in wanted]
    if all(hits) or not any(hits):
        return float(all(hits))
    others = any(
        not any(right(one, other) for one in wanted)
        and not any(other.value == number.value for number in given)
        and any(other.dimension in ("", one.dimension) or not one.dimension for one in wanted)
        and not _dated(answer, other)
        for other in said
    )
    return 0.0 if others else sum(hits) / len(hits)


def contradicts_numbers(reference: str, question: str, answer: str) -> bool:
    """Whether an answer states none of a reference's new numbers, but others of their kinds."""
    wanted = new_numbers(reference, question)
    said = new_numbers(answer, question)
    asked = asked_scale(question)
    if not wanted or any(
        same(one, other, asked=asked, bare=True) for one in wanted for other in said
    ):
        return False
    return any(one.dimension == other.dimension for one in wanted for other in said)


def _in_place(answer: str, question: str) -> list[Quantity]:
    """The numbers that count: those before what is counted, where some are."""
    said = list(quantities(answer))
    counted = _COUNTED.search(question)
    if counted:
        noun = counted[1].rstrip("s")[:6]
        near = [q for q in said if re.match(rf"\W+(?:[a-z-]+\W+){{0,2}}?{re.escape(noun)}", answer[q.end :])]
        if near:
            return near
    return said


def identifier_share(references: Sequence[str], question: str, answer: str) -> float | None:
    """Share of a reference's new identifiers that an answer states; None where one has none."""
    asked = identifiers(question)
    said = identifiers(answer)
    shares = []
    for reference in references:
        given = identifiers(reference)
        wanted = [name for name in given if name not in asked] or list(given)
        if not wanted:
            return None
        held = sum(any(_same(name, other) for other in said) for name in wanted)
        shares.append(held / len(wanted))
    return max(shares)


def _same(one: str, other: str) -> bool:
    """Whether two identifiers are one; telephone numbers may come with the country's code."""
    if one == other:
        return True
    if not (one.startswith("#") and other.startswith("#")):
        return False
    short, long = sorted((one[1:].lstrip("0"), other[1:].lstrip("0")), key=len)
    return len(short) >= _LOCAL and long.endswith(short)


def other_identifier(references: Sequence[str], question: str, answer: str) -> bool:
    """Whether an answer lacks an identifier that each reference has, and has one like it."""
    asked, said = identifiers(question), identifiers(answer)
    new = [name for name in said if name not in asked]
    for reference in references:
        wanted = [name for name in identifiers(reference) if name not in asked]
        missed = {shape(name) for name in wanted if name not in said}
        if not missed or not any(shape(name) in missed and name not in wanted for name in new):
            return False
    return True


def date_share(references: Sequence[str], question: str, answer: str) -> float | None:
    """1 for an answer with a reference's dates and times, 0 for one with others only.

    None where words must decide: where a reference has none, or the answer has none, or one that
    is less exact than the reference's and agrees with it.
    """
    asked = dates(question)
    said = [date for date in dates(answer) if not any(a.states(date) for a in asked)]
    clock = [times(reference) for reference in references]
    if any(clock):
        told = times(answer)
        return float(
            any(
                wanted and all(any(time.agrees(one) for time in told) for one in wanted)
                for wanted in clock
            )
        ) if told else None
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
