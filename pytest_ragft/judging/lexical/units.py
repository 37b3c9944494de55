"""Scales, currencies and units of measurement, and what each is worth."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

SCALES = {
    "hundred": 2, "k": 3, "thousand": 3, "thousands": 3, "m": 6, "mm": 6, "mn": 6, "mio": 6,
    "mil": 6, "million": 6, "millions": 6, "lakh": 5, "crore": 7, "b": 9, "bn": 9, "billion": 9,
    "billions": 9, "t": 12, "tn": 12, "trillion": 12, "trillions": 12,
}  # fmt: skip
"""Powers of ten."""
LETTERS = frozenset({"k", "m", "mm", "b", "t"})
"""Scales that are units, too: they scale money, and what stands directly behind a digit."""
CURRENCIES = {
    "$": "usd", "us$": "usd", "usd": "usd", "dollar": "usd", "dollars": "usd", "€": "eur",
    "eur": "eur", "euro": "eur", "euros": "eur", "£": "gbp", "gbp": "gbp", "¥": "jpy",
    "jpy": "jpy", "yen": "jpy", "₹": "inr", "inr": "inr", "rs": "inr", "rupees": "inr",
    "chf": "chf", "francs": "chf",
}  # fmt: skip
MINOR = {"cent": ("usd", "eur"), "¢": ("usd",), "pence": ("gbp",), "penny": ("gbp",)}
"""Hundredths, and of which currencies."""

_DAY = Decimal(86400)
_UNITS: dict[str, tuple[str, Decimal]] = {
    name: (dimension, Decimal(factor))
    for dimension, units in {
        "time": {
            "nanosecond ns": "1e-9", "microsecond μs": "1e-6", "millisecond ms msec": "1e-3",
            "second sec s": "1", "minute min": "60", "hour hr h": "3600", "day": "86400",
            "week wk": "604800", "fortnight": "1209600", "month": str(_DAY * 365 / 12),
            "quarter": str(_DAY * 365 / 4), "year yr": str(_DAY * 365),
            "decade": str(_DAY * 3650), "century": str(_DAY * 36500),
        },
        "length": {
            "nanometre nanometer nm": "1e-9", "micrometre micrometer micron μm um": "1e-6",
            "millimetre millimeter mm": "1e-3", "centimetre centimeter cm": "1e-2",
            "metre meter m": "1", "kilometre kilometer km kms": "1e3", "inch": "0.0254",
            "foot ft": "0.3048", "yard yd": "0.9144", "mile mi": "1609.344",
        },
        "mass": {
            "nanogram ng": "1e-9", "microgram μg ug mcg": "1e-6",
            "milligram milligramme mg": "1e-3", "gram gramme g": "1",
            "kilogram kilogramme kg kgs": "1e3", "tonne ton t": "1e6", "ounce oz": "28.349523",
            "lb lbs": "453.59237",
        },
        "length3": {
            "microlitre microliter μl ul": "1e-9", "millilitre milliliter ml": "1e-6",
            "centilitre cl": "1e-5", "decilitre dl": "1e-4", "litre liter l": "1e-3",
            "gallon": "3.785412e-3",
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
        "temperature": {"°c celsius": "1", "°f fahrenheit": "1", "k kelvin": "1"},
        "angle": {"° degree": "1"},
        "voltage": {"v volt": "1", "mv": "1e-3", "kv": "1e3"},
        "pressure": {"mmhg": "1", "hpa": "0.750062", "kpa": "7.50062"},
        "length2": {"acre": "4046.8564", "hectare ha": "1e4"},
        "dose": {"iu": "1"},
        "pound": {"pound": "1"},
        "money": dict.fromkeys(MINOR, "0.01"),
    }.items()
    for names, factor in units.items()
    for name in names.split()
}  # fmt: skip
_OTHERWISE = {
    "feet": "foot", "inches": "inch", "centuries": "century", "kph": "km/h", "kmh": "km/h",
    "mph": "mile/hour", "pennies": "penny",
}  # fmt: skip
_POWER = re.compile(r"([a-z]+)\^?([23])")


def dimension_and_size(unit: str) -> tuple[str, Decimal]:
    """The dimension of a unit that `unit_of` gave, and its size there; ``money`` for a currency."""
    one, slash, other = unit.partition("/")
    if slash:
        (numerator, size), (denominator, by) = dimension_and_size(one), dimension_and_size(other)
        return f"{numerator}/{denominator}", size / by
    if unit in _UNITS:
        return _UNITS[unit]
    if (power := _POWER.fullmatch(unit)) and power[1] in _UNITS:
        dimension, size = _UNITS[power[1]]
        return f"{dimension}{power[2]}", size ** int(power[2])
    return ("money" if unit else ""), Decimal(1)


@lru_cache(4096)
def unit_of(word: str) -> str:
    """The unit that a word or abbreviation, singular or plural, is; empty where it is none."""
    word = _OTHERWISE.get(word, word)
    if power := _POWER.fullmatch(word):
        base = unit_of(power[1])
        return f"{base}{power[2]}" if base and dimension_and_size(base)[0] == "length" else ""
    for name in (word, word.removesuffix("s")):
        if name in _UNITS:
            return name
    one, slash, other = word.partition("/")
    if slash and "/" not in other and unit_of(one) and unit_of(other):
        return f"{unit_of(one)}/{unit_of(other)}"
    return ""
