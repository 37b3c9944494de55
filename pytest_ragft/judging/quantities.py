"""Quantities in running text: a number with its scale, currency or unit, and when two are one.

Read are numerals with grouping, signs and decimals, powers of ten, number words, fractions, scales
("million", "bn", "k"), currencies, percentages, and the units of `_UNITS`. A noun behind a number
("12 players") is no unit: such numbers are bare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from pytest_ragft.judging.numbers import spell_out

_LARGE = 100
_LONGEST = 30
"""Digits beyond which a numeral is a text: nobody states such a number."""

_SCALES = {
    "hundred": 2, "k": 3, "thousand": 3, "thousands": 3, "m": 6, "mm": 6, "mn": 6, "mio": 6,
    "mil": 6, "million": 6, "millions": 6, "lakh": 5, "crore": 7, "b": 9, "bn": 9, "billion": 9,
    "billions": 9, "t": 12, "tn": 12, "trillion": 12, "trillions": 12,
}  # fmt: skip
"""Powers of ten."""
_LETTERS = frozenset({"k", "m", "mm", "b", "t"})
"""Scales that are units, too: they scale money, and what stands directly behind a digit."""
_CURRENCIES = {
    "$": "usd", "us$": "usd", "usd": "usd", "dollar": "usd", "dollars": "usd", "€": "eur",
    "eur": "eur", "euro": "eur", "euros": "eur", "£": "gbp", "gbp": "gbp", "¥": "jpy",
    "jpy": "jpy", "yen": "jpy", "₹": "inr", "inr": "inr", "rs": "inr", "rupees": "inr",
    "chf": "chf", "francs": "chf",
}  # fmt: skip

_DAY = Decimal(86400)
_UNITS: dict[str, tuple[str, Decimal]] = {
    name: (dimension, Decimal(factor))
    for dimension, units in {
        "time": {
            "nanosecond ns": "1e-9", "microsecond µs": "1e-6", "millisecond ms msec": "1e-3",
            "second sec s": "1", "minute min": "60", "hour hr h": "3600", "day": "86400",
            "week wk": "604800", "fortnight": "1209600", "month": str(_DAY * 365 / 12),
            "quarter": str(_DAY * 365 / 4), "year yr": str(_DAY * 365),
            "decade": str(_DAY * 3650), "century": str(_DAY * 36500),
        },
        "length": {
            "nanometre nanometer nm": "1e-9", "micrometre micrometer micron µm um": "1e-6",
            "millimetre millimeter mm": "1e-3", "centimetre centimeter cm": "1e-2",
            "metre meter m": "1", "kilometre kilometer km kms": "1e3", "inch": "0.0254",
            "foot ft": "0.3048", "yard yd": "0.9144", "mile mi": "1609.344",
        },
        "mass": {
            "nanogram ng": "1e-9", "microgram µg ug mcg": "1e-6", "milligram milligramme mg": "1e-3",
            "gram gramme g": "1", "kilogram kilogramme kg kgs": "1e3", "tonne ton t": "1e6",
            "ounce oz": "28.349523", "lb lbs": "453.59237",
        },
        "volume": {
            "microlitre microliter µl ul": "1e-6", "millilitre milliliter ml": "1e-3",
            "centilitre cl": "1e-2", "decilitre dl": "0.1", "litre liter l": "1",
            "gallon": "3.785412",
        },
        "data": {
            "bit": "0.125", "byte": "1", "kb kilobyte": "1e3", "mb megabyte": "1e6",
            "gb gigabyte": "1e9", "tb terabyte": "1e12",
        },
        "energy": {"j joule": "1", "kj": "1e3", "mj": "1e6", "cal": "4.184", "kcal": "4184"},
        "power": {"w watt": "1", "kw kilowatt": "1e3", "mw megawatt": "1e6", "gw": "1e9"},
        "frequency": {"hz": "1", "khz": "1e3", "mhz": "1e6", "ghz": "1e9"},
        "ratio": {"percent percentage pct pp %": "0.01", "bps": "1e-4", "‰": "1e-3"},
        "level": {"db decibel dba": "1"},
        "celsius": {"°c celsius": "1"},
        "fahrenheit": {"°f fahrenheit": "1"},
        "angle": {"° degree": "1"},
        "voltage": {"v volt": "1", "mv": "1e-3", "kv": "1e3"},
        "pressure": {"mmhg": "1", "hpa": "0.750062", "kpa": "7.50062"},
        "speed": {"km/h kph kmh": "1", "mph": "1.609344", "m/s": "3.6"},
        "area": {"m2 m^2": "1", "km2 km^2": "1e6", "acre": "4046.86", "hectare ha": "1e4"},
        "dose": {"iu": "1"},
    }.items()
    for names, factor in units.items()
    for name in names.split()
}  # fmt: skip
_PLURALS = {"feet": "foot", "inches": "inch", "centuries": "century"}
_FREQUENT = {
    "annual": "year", "annually": "year", "yearly": "year", "monthly": "month", "weekly": "week",
    "daily": "day", "hourly": "hour", "quarterly": "quarter", "nightly": "day",
}  # fmt: skip
"""Words for "every 1 UNIT"."""
_PER = "second|minute|hour|day|week|fortnight|month|quarter|year|decade|century"
_OFTEN = re.compile(
    r"\b(?:(?P<times>once|twice|thrice|[0-9]{1,4}\s?(?:times|x|×))\s(?:(?:a|an|per|each|every|in a|in one)\s)?"
    rf"(?:(?P<per>{_PER})\b|(?P<adverb>{'|'.join(_FREQUENT)})\b)"
    rf"|(?:every|each)\s(?P<other>other\s)?(?P<single>{_PER})\b|(?P<alone>{'|'.join(_FREQUENT)})\b)"
)
_COUNTS = {"once": 1, "twice": 2, "thrice": 3}
_DEGREES = re.compile(r"(?<=[0-9])\s?(?:degrees?|deg|°)\s?(celsius|centigrade|c|fahrenheit|f)\b")
_NEGATIVE = re.compile(
    r"\b(?:loss|losses|negative|minus|decreas\w*|declin\w*|fell|dropp?\w*|reduc\w*|deficit|down"
    r"|shrank|shrunk|contract\w*|outflow|lost)\b"
)
_POSITIVE = re.compile(
    r"\b(?:increas\w*|rose|risen|rise|rises|rising|grew|grow\w*|gain\w*|climb\w*|up|jump\w*|improv\w*"
    r"|surg\w*|expand\w*|higher)\b"
)
_ABOUT = re.compile(r"(?:\b(?:about|around|approximately|approx|roughly|nearly|almost|some|circa"
                    r"|over|more than|close to|just under|just over)|~|≈)[\s$€£]*$")  # fmt: skip

_NUMERAL = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+"
_SCALE = "|".join(sorted(map(re.escape, _SCALES), key=len, reverse=True))
_MONEY = "|".join(sorted(map(re.escape, _CURRENCIES), key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?P<before>(?:us\s?)?\$|[€£¥₹]|\b(?:{'|'.join(c for c in _CURRENCIES if c.isalpha())})\b)?"
    r"\s{0,2}(?P<paren>\()?(?P<sign>(?<![\w.)\]])[-+−–](?=[$€£.0-9]))?(?P<behind>[$€£¥₹])?"
    rf"(?<![\w.])(?P<digits>{_NUMERAL})"
    r"(?P<power>\s?[x×*]\s?10\s?\^\s?(?P<exponent>[-−]?[0-9]{1,3}))?"
    r"(?P<fraction>\s?/\s?(?P<below>[1-9][0-9]{0,2})(?![0-9/]))?"
    rf"(?P<gap>[\s-]{{0,2}})(?:(?P<scale>{_SCALE})(?![a-z0-9]))?"
    r"(?P<tail>\s{0,2}-?\s?(?:°\s?[cf]\b|[%‰°]|[a-zµ]+(?:/[a-z]+|\^?2\b)?))?"
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
    """A name in `_UNITS`, a currency, or empty."""
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
        """What is measured: a key of the table of units, ``money``, or empty for a bare number."""
        if "/" in self.unit and self.unit not in _UNITS:
            one, other = self.unit.split("/")
            return f"{_UNITS[one][0]}/{_UNITS[other][0]}"
        if self.unit in _UNITS:
            return _UNITS[self.unit][0]
        return "money" if self.unit else ""

    @property
    def percent(self) -> bool:
        """Whether it is a percentage."""
        return self.dimension == "ratio"

    @property
    def factor(self) -> Decimal:
        """Scale times the unit's size in its dimension."""
        size = Decimal(1)
        if "/" in self.unit and self.unit not in _UNITS:
            one, other = self.unit.split("/")
            size = _UNITS[one][1] / _UNITS[other][1]
        elif self.unit in _UNITS:
            size = _UNITS[self.unit][1]
        return (self.scale or Decimal(1)) * size


def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of a normalised text (`text.plain`), in order; never raises."""
    return _read(text) if any(map(str.isdecimal, text)) or _SPELLED.search(text) else ()


_SPELLED = re.compile(
    r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twel\w+|\w+teen|twen\w+|thir"
    r"\w+|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|half|dozen|once|twice|thrice|"
    + "|".join(_FREQUENT)
    + r"|every|each|quarters?|thirds?)\b"
)


@lru_cache(4096)
def _read(text: str) -> tuple[Quantity, ...]:
    text = _DEGREES.sub(lambda match: f"°{match[1][0]}", spell_out(text))
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
    unit = match["per"] or match["single"] or _FREQUENT[match["adverb"] or match["alone"]]
    times = match["times"] or ""
    count = _COUNTS.get(times) or int(re.match(r"[0-9]+", times)[0] if times else 1) or 1  # type: ignore[index]
    value = Decimal(2 if match["other"] else 1) / count
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
    try:
        value = Decimal(digits)
    except InvalidOperation:
        return None
    money = _CURRENCIES.get(re.sub(r"\s", "", match["before"] or match["behind"] or ""), "")
    scale, unit, end = _scale_and_unit(match, money)
    step = Decimal(1).scaleb(-len(digits.partition(".")[2]))
    if match["fraction"] and not match["scale"]:
        # Three digits, as people write thirds.
        value = value / Decimal(match["below"])
        step = Decimal("0.001")
    if match["power"]:
        scale = Decimal(1).scaleb(int(match["exponent"].replace("−", "-")))
    closed = match["paren"] and text[end : end + 2].lstrip("%").startswith(")")
    if (match["sign"] or "+") in "-−–" or (closed and (money or unit == "%")):
        value = -value
    lead = text[max(0, match.start() - 60) : match.start()]
    clause = re.split(r"[.;:!?\n]", lead)[-1]
    return Quantity(
        value=value,
        step=step,
        digits=len(digits.replace(".", "").lstrip("0")) or 1,
        scale=scale,
        unit=unit,
        about=bool(_ABOUT.search(text[max(0, match.start("digits") - 25) : match.start("digits")])),
        falls=bool(_NEGATIVE.search(clause) or _NEGATIVE.match(text[end : end + 12].lstrip())),
        rises=bool(_POSITIVE.search(clause) or _POSITIVE.match(text[end : end + 12].lstrip())),
        start=match.start("digits"),
        end=end,
    )


def _scale_and_unit(match: re.Match[str], money: str) -> tuple[Decimal | None, str, int]:
    word, gap = match["scale"] or "", match["gap"]
    tail = re.sub(r"[\s-]", "", match["tail"] or "")
    if word in _LETTERS and not money and (gap or word == "mm" or (word == "m" and not tail)):
        # "5 m" are metres, "$5 m" and "5k" are not.
        return None, _unit(word), match.end("scale")
    scale = Decimal(1).scaleb(_SCALES[word]) if word else None
    end = match.end("scale") if word else match.end("digits")
    if match["power"] or match["fraction"]:
        end = max(end, match.end("power"), match.end("fraction"))
    if money:
        return scale, money, end
    unit = _unit(tail)
    if unit or tail in _CURRENCIES:
        return scale, unit or _CURRENCIES[tail], match.end("tail")
    return scale, "", end


@lru_cache(4096)
def _unit(word: str) -> str:
    word = _PLURALS.get(word, word)
    for name in (word, word.removesuffix("s")):
        if name in _UNITS:
            return name
    one, slash, other = word.partition("/")
    if slash and other and _unit(one) and _unit(other):
        return f"{_unit(one)}/{_unit(other)}"
    return ""


def same(reference: Quantity, answer: Quantity, *, asked: Decimal | None, bare: bool) -> bool:
    """Whether an answer's quantity is the reference's.

    It is when the reference, rounded to the digits that the answer states (two or more, or all
    that the reference has), equals it, or when the answer has more digits and, rounded to the
    reference's, equals it.

    Args:
        reference: What is right.
        answer: What is said.
        asked: The scale that the question wants numbers in; None where it names none.
        bare: Whether a number may come without the percent sign or unit of the reference.
    """
    if (reference.falls, reference.rises) in ((answer.rises, answer.falls),) and (
        reference.falls != reference.rises
    ):
        return False
    return any(
        _equal(reference, answer, mine, theirs)
        for mine, theirs in _factors(reference, answer, asked, bare=bare)
    )


def _factors(
    reference: Quantity, answer: Quantity, asked: Decimal | None, *, bare: bool
) -> Iterator[tuple[Decimal, Decimal]]:
    """Pairs of factors under which the two numbers may be compared."""
    one, other = reference.dimension, answer.dimension
    if one and other and (one != other or (one == "money" and reference.unit != answer.unit)):
        # 0.83 of something is 83 %, whatever it is called.
        return
    if (one == "ratio") != (other == "ratio"):
        yield from _shares(reference, answer, bare=bare)
        return
    mine = reference.factor if one or reference.scale else Decimal(1)
    if reference.scale is None and asked is not None and one in ("", "money"):
        # "in USD millions": 12,645 there, 12,645 million anywhere.
        if answer.scale is None:
            yield mine, answer.factor
        yield mine * asked, answer.factor
        return
    if (one and not other) or (other and not one):
        if (bare or one == "money" or other == "money" or not one) and (
            reference.scale is not None or answer.scale is None or one == "money"
        ):
            yield reference.scale or Decimal(1), answer.scale or Decimal(1)
            if reference.scale is not None and asked == reference.scale and answer.scale is None:
                yield Decimal(1), Decimal(1)
        return
    yield mine, answer.factor
    if reference.scale is not None and asked == reference.scale and answer.scale is None:
        yield Decimal(1), Decimal(1)


def _shares(
    reference: Quantity, answer: Quantity, *, bare: bool
) -> Iterator[tuple[Decimal, Decimal]]:
    """A percentage against a bare number: a share of 1, or the number without its sign."""
    if reference.dimension not in ("", "ratio") or answer.dimension not in ("", "ratio"):
        return
    if (reference.scale or answer.scale) is not None:
        return
    yield reference.factor, answer.factor
    if bare and reference.percent:
        yield Decimal(1), Decimal(1)


def _equal(reference: Quantity, answer: Quantity, mine: Decimal, theirs: Decimal) -> bool:
    # 28 digits of Decimal's context; a converted unit is never exact.
    right, said = reference.value * mine, answer.value * theirs
    step = _whole(reference) * mine
    if right.is_signed() != said.is_signed() and right and said:
        if not _signed_by_words(reference, answer):
            return False
        right, said = abs(right), abs(said)
    slack = max(step, answer.step * theirs) * Decimal("0.5000001")
    if answer.step * theirs <= step:
        if abs(right - said) <= slack:
            return True
        return _trailing(reference, answer, mine, theirs, right, said)
    enough = answer.digits >= min(2, reference.digits)
    return enough and abs(right - said) <= slack or _rounded(answer, theirs, right, said)


def _whole(quantity: Quantity) -> Decimal:
    """Worth of the last digit that is meant: "$3215.00" is a whole number, "$3.00" a price."""
    whole = quantity.value == quantity.value.to_integral_value()
    return Decimal(1) if whole and abs(quantity.value) >= _LARGE else quantity.step


def _trailing(
    reference: Quantity, answer: Quantity, mine: Decimal, theirs: Decimal,
    right: Decimal, said: Decimal,
) -> bool:  # fmt: skip
    """Zeros at the end of "$8.70" may be a matter of form, for an answer with more decimals."""
    if answer.step * theirs == reference.step * mine:
        return _rounded(answer, theirs, right, said)
    digits = reference.value.normalize()
    exponent = digits.as_tuple().exponent
    if reference.step == 1 or not isinstance(exponent, int) or exponent < -12:
        return False
    if exponent >= 0 and answer.step * theirs >= reference.step * mine:
        return False
    step = Decimal(1).scaleb(min(exponent, 0)) * mine
    kept = len(digits.as_tuple().digits)
    return kept >= 2 and step > reference.step * mine and abs(right - said) * 2 <= step


def _rounded(answer: Quantity, theirs: Decimal, right: Decimal, said: Decimal) -> bool:
    """"About 13,000" is 12,645 to two digits."""
    if not answer.about or answer.step != 1:
        return False
    shape = answer.value.normalize().as_tuple()
    if not isinstance(shape.exponent, int) or shape.exponent <= 0 or len(shape.digits) < 2:
        return False
    return abs(right - said) * 2 <= Decimal(1).scaleb(shape.exponent) * theirs


def _signed_by_words(reference: Quantity, answer: Quantity) -> bool:
    """"A loss of 2 %" is −2 %."""
    if reference.value < 0:
        return answer.falls
    return reference.falls
