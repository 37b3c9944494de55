"""Quantities in running text: a number with its scale, currency or unit.

Read are numerals with grouping, signs and decimals, powers of ten, number words, fractions, scales
("million", "bn", "k"), currencies, percentages, how often something happens, and the units of
`units`. A noun behind a number ("12 players") is no unit: such numbers are bare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pytest_ragft.judging.lexical.numbers import FURTHEST
from pytest_ragft.judging.lexical.units import (
    CURRENCIES,
    LETTERS,
    SCALES,
    dimension_and_size,
    unit_of,
)
from pytest_ragft.judging.lexical.wording import spelled

# Digits beyond which a numeral is a text: nobody states such a number.
_LONGEST = 30
# Words for "every so many UNITs".
_FREQUENT: dict[str, tuple[str, str]] = {
    word: (count, unit)
    for unit, words in {
        "year": "annual annually yearly .5:semiannual .5:semiannually .5:semi-annually"
        " .5:half-yearly 2:biennial 2:biennially 4:quadrennial 4:quadrennially",
        "month": "monthly", "week": "weekly", "day": "daily nightly", "hour": "hourly",
        "quarter": "quarterly", "fortnight": "fortnightly",
    }.items()
    for each in words.split()
    for count, word in [each.split(":") if ":" in each else ("1", each)]
}  # fmt: skip
_PER = "second|minute|hour|day|week|fortnight|month|quarter|year|decade|century"
_OFTEN = re.compile(
    r"\b(?:(?P<times>once|twice|thrice|[0-9]{1,4}\s?(?:times|x|×))"
    r"\s(?:(?:a|an|per|each|every|in a|in one)\s)?"
    rf"(?:(?P<per>{_PER})\b|(?P<adverb>{'|'.join(_FREQUENT)})\b)"
    rf"|(?:every|each)\s(?:(?P<other>other|second|third|fourth|fifth|sixth|tenth)\s)?(?P<single>{_PER})\b"
    rf"|(?P<alone>{'|'.join(_FREQUENT)})\b)"
)
_COUNTS = {"once": 1, "twice": 2, "thrice": 3}
_EACH = {"other": 2, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "tenth": 10}
_FALLS = re.compile(
    r"\b(?:loss|losses|negative|minus|decreas\w*|declin\w*|fell|fall(?! [0-9])|falls|falling|lose"
    r"|loses|dropp?\w*|reduc\w*|deficit|down|shrank|shrunk|contract\w*|outflow|lost)\b"
)
_RISES = re.compile(
    r"\b(?:increas\w*|rose|risen|rise|rises|rising|grew|grow\w*|gain\w*|climb\w*|up|jump\w*|improv\w*"
    r"|surg\w*|expand\w*|higher)\b"
)
_ABOUT = re.compile(r"(?:\b(?:about|around|approximately|approx|roughly|nearly|almost|some|circa"
                    r"|over|more than|close to|just under|just over)|~|≈)[\s$€£]*$")  # fmt: skip

_BELOW = re.compile(r"(?:\s(?:degrees|°))?\sbelow\s(?:sea|zero|freezing)\b")
# Letters that may follow a number that has no unit: "3rd", "1990s", "5x".
_SUFFIX = re.compile(r"(?:st|nd|rd|th|s|x)(?![a-z0-9])")

_NUMERAL = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+"
_SCALE = "|".join(sorted(map(re.escape, SCALES), key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?P<before>(?:us\s?)?\$|[€£¥₹]|\b(?:{'|'.join(c for c in CURRENCIES if c.isalpha())})\b)?"
    r"\s{0,2}(?P<paren>\()?(?P<sign>(?<![\w.)\]])[-+−–](?=[$€£.0-9]))?(?P<behind>[$€£¥₹])?"
    rf"(?<![\w.])(?<![a-z][-*_])(?P<digits>{_NUMERAL})"
    r"(?P<power>\s?[x×*]\s?10\s?\^\s?(?P<exponent>[-−]?[0-9]{1,3})"
    r"|e(?P<short>[+-]?[0-9]{1,3})(?![a-z0-9]))?"
    r"(?P<fraction>\s?/\s?(?P<below>[1-9][0-9]{0,2})(?![0-9/]))?"
    rf"(?P<gap>[\s-]{{0,2}})(?:(?P<scale>{_SCALE})(?![a-z0-9]))?"
    r"(?P<tail>\s{0,2}-?\s?(?:°\s?[cf]\b|[%‰°]|[a-zμ]+(?:\^?[23]\b)?(?:/[a-zμ]+[23]?)?))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number as a text states it."""

    value: Decimal
    """As written, sign included, without scale and unit."""
    step: Decimal
    """Worth of the last digit that is written, without scale and unit."""
    digits: int
    """Digits that count, from the first that is not zero to the last that is written."""
    scale: Decimal | None = None
    """What it is multiplied with; None where none is written."""
    unit: str = ""
    """A name in `UNITS`, a currency, or empty."""
    about: bool = False
    """Called approximate."""
    falls: bool = False
    """Its clause speaks of a loss or a decrease."""
    rises: bool = False
    """Its clause speaks of a gain or an increase."""
    start: int = 0
    end: int = 0

    @property
    def dimension(self) -> str:
        """What is measured: see `units.dimension_and_size`; empty for a bare number."""
        return dimension_and_size(self.unit)[0]

    @property
    def factor(self) -> Decimal:
        """Scale times the unit's size in its dimension."""
        return (self.scale or Decimal(1)) * dimension_and_size(self.unit)[1]


def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of a normalised text (`text.plain`), in order; never raises."""
    text = text[:FURTHEST]
    return _read(text) if any(map(str.isdecimal, text)) or _SPELLED.search(text) else ()


_SPELLED = re.compile(
    r"^an? |\b(?:full|whole|single|zero|one|two|three|four|five|six|seven|eight|nine"
    r"|ten|eleven|twel\w+|[a-z]{1,6}teen|twen\w+|thir\w+|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|half|dozen|once|twice|thrice|"
    + "|".join(_FREQUENT)
    + r"|every|each|quarters?|thirds?)\b"
)


@lru_cache(4096)
def _read(text: str) -> tuple[Quantity, ...]:
    text = spelled(text)
    found = [_period(match) for match in _OFTEN.finditer(text)]
    rest = _OFTEN.sub(lambda match: " " * len(match[0]), text)
    found += [q for match in _QUANTITY.finditer(rest) if (q := _quantity(rest, match)) is not None]
    found += [
        Quantity(
            value=Decimal(_COUNTS[match[0]]), step=Decimal(1), digits=1,
            start=match.start(), end=match.end(),
        )
        for match in re.finditer(r"\b(?:once|twice|thrice)\b", rest)
    ]  # fmt: skip
    return tuple(_joined(sorted(found, key=lambda quantity: quantity.start), text))


def _period(match: re.Match[str]) -> Quantity:
    """How often, as the time between: "twice a year" is every half year."""
    unit = match["per"] or match["single"] or ""
    each = Decimal(_EACH.get(match["other"] or "", 1))
    if not unit:
        count, unit = _FREQUENT[match["adverb"] or match["alone"]]
        each = Decimal(count)
    times = match["times"] or "1"
    value = each / (_COUNTS.get(times) or int(re.sub(r"\D", "", times)) or 1)
    return Quantity(
        value=value,
        step=value / 100,
        digits=1,
        unit=unit,
        start=match.start(),
        end=match.end(),
    )


def _joined(found: list[Quantity], text: str) -> Iterator[Quantity]:
    """The quantities, with "3 hours and 48 minutes" as one."""
    last: Quantity | None = None
    for quantity in found:
        if last is not None and _continues(last, quantity, text[last.end : quantity.start]):
            factor = quantity.factor
            last = Quantity(
                value=(last.value * last.factor + quantity.value * factor) / factor,
                step=quantity.step,
                digits=last.digits + quantity.digits,
                unit=quantity.unit,
                start=last.start,
                end=quantity.end,
            )
            continue
        if last is not None:
            yield last
        last = quantity
    if last is not None:
        yield last


def _continues(last: Quantity, following: Quantity, between: str) -> bool:
    return (
        last.dimension in ("time", "length", "mass")
        and last.dimension == following.dimension
        and last.factor > following.factor
        and last.step == 1
        and between.strip(" ,") in ("", "and")
        and following.value * following.factor < last.factor
    )


def _quantity(text: str, match: re.Match[str]) -> Quantity | None:
    digits = match["digits"].replace(",", "")
    if len(digits) > _LONGEST:
        return None
    value = Decimal(digits)
    money = CURRENCIES.get(re.sub(r"\s", "", match["before"] or match["behind"] or ""), "")
    scale, unit, end = _scale_and_unit(match, money)
    if text[end : end + 1].isalnum() and not _SUFFIX.match(text, end):
        return None
    step = Decimal(1).scaleb(-len(digits.partition(".")[2]))
    if match["fraction"] and not match["scale"]:
        # Three digits, as people write thirds.
        value = value / Decimal(match["below"])
        step = Decimal("0.001")
    if match["power"]:
        scale = Decimal(1).scaleb(int((match["exponent"] or match["short"]).replace("−", "-")))
    lead = text[max(0, match.start() - 60) : match.start()]
    clause = re.split(r"[.;:!?\n]", lead)[-1]
    # "51,203 votes (34.2 %)" explains, "a margin of (2.5 %)" is a loss.
    first = not any(map(str.isdigit, clause))
    closed = match["paren"] and text[end : end + 2].lstrip("%").startswith(")")
    below = _BELOW.match(text, end)
    if (match["sign"] or "+") in "-−–" or below or (closed and (money or (unit == "%" and first))):
        value = -value
    return Quantity(
        value=value,
        step=step,
        digits=len(digits.replace(".", "").lstrip("0")) or 1,
        scale=scale,
        unit=unit,
        about=bool(_ABOUT.search(text[max(0, match.start("digits") - 25) : match.start("digits")])),
        falls=bool(_FALLS.search(clause) or _FALLS.match(text[end : end + 12].lstrip())),
        rises=bool(_RISES.search(clause) or _RISES.match(text[end : end + 12].lstrip())),
        start=match.start("digits"),
        end=end,
    )


def _scale_and_unit(match: re.Match[str], money: str) -> tuple[Decimal | None, str, int]:
    word, gap = match["scale"] or "", match["gap"]
    tail = re.sub(r"[\s-]", "", match["tail"] or "")
    if word in LETTERS and not money and (gap or word == "mm" or (word == "m" and not tail)):
        # "5 m" are metres, "$5 m" and "5k" are not.
        return None, unit_of(word), match.end("scale")
    scale = Decimal(1).scaleb(SCALES[word]) if word else None
    end = match.end("scale") if word else match.end("digits")
    if match["power"] or match["fraction"]:
        end = max(end, match.end("power"), match.end("fraction"))
    if money:
        return scale, money, end
    unit = unit_of(tail)
    if unit or tail in CURRENCIES:
        return scale, unit or CURRENCIES[tail], match.end("tail")
    return scale, "", end
