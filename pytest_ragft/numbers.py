"""Numbers as text, pure: fixed decimals, true minus signs, no negative zero.

The minus is U+2212, so that signs align with digits; a stream without it gets ``-`` from
`pytest_ragft.reporting.text.transliterate`.
"""

from __future__ import annotations

import math

from pytest_ragft.records import Verdict

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
"""Stands where there is no number."""
_MOST_PLACES = 12


def fixed(value: float | None, places: int = 3, *, signed: bool = False) -> str:
    """`value` with `places` decimals; with `signed`, a plus before what shows as positive.

    None, NaN and infinities have no digits and show as an en dash.
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    # 0.8625 - 1 is a hair off 0.1375: rounded first, it shows as the same number elsewhere does.
    digits = f"{round(abs(value), 12):.{places}f}"
    if float(digits) == 0.0:
        return digits
    if value < 0:
        return MINUS + digits
    return f"+{digits}" if signed else digits


def places_apart(value: float, *limits: float, places: int = 3) -> int:
    """Decimals, at least `places` and at most 12, at which unequal numbers look unequal.

    A lower bound of -0.04996 against a margin of 0.05 must not show as -0.050: it would
    contradict its verdict.
    """
    for limit in limits:
        if value == limit or not (math.isfinite(value) and math.isfinite(limit)):
            continue
        while places < _MOST_PLACES and fixed(value, places) == fixed(limit, places):
            places += 1
    return places


def bound_texts(lower: float, upper: float, verdict: Verdict) -> tuple[str, str]:
    """Two bounds of a verdict's kind, with as many decimals as tell each from its limits."""
    places = (_places(bound, verdict) for bound in (lower, upper))
    below, above = (
        fixed(bound, n, signed=True) for bound, n in zip((lower, upper), places, strict=True)
    )
    return below, above


def verdict_texts(verdict: Verdict) -> tuple[str, str, str]:
    """Lower bound, estimate and upper bound, by which no text can contradict the verdict.

    The estimate has as many decimals as keep it between the bounds as they show.
    """
    limits = 0.0, -verdict.margin, -verdict.regression_margin
    return span_texts(verdict.lower, verdict.estimate, verdict.upper, *limits)


def span_texts(lower: float, estimate: float, upper: float, *limits: float) -> tuple[str, str, str]:
    """Two bounds with as many decimals as tell each from `limits`, and what lies between them."""
    places = [places_apart(bound, *limits) for bound in (lower, upper)]
    shown = [round(bound, n) for bound, n in zip((lower, upper), places, strict=True)]
    within = 3
    while within < _MOST_PLACES and not shown[0] <= round(estimate, within) <= shown[1]:
        within += 1
    below, above = (
        fixed(bound, n, signed=True) for bound, n in zip((lower, upper), places, strict=True)
    )
    return below, fixed(estimate, within, signed=True), above


def _places(bound: float, verdict: Verdict) -> int:
    return places_apart(bound, 0.0, -verdict.margin, -verdict.regression_margin)


def level(alpha: float) -> str:
    """The confidence of a bound with error rate `alpha`: ``95 %``, ``99.9313 %``; never 100 %."""
    places = max(2 - math.floor(math.log10(alpha * 100)), 0)
    digits = f"{100 * (1 - alpha):.{places}f}"
    return f"{digits.rstrip('0').rstrip('.') if places else digits} %"


def percent(share: float | None) -> str:
    """A share in [0, 1] as ``2.5 %``; what is not none shows as ``<0.1 %``, not all ``>99.9 %``."""
    if share is None or not math.isfinite(share):
        return NOTHING
    digits = f"{share * 100:.1f}"
    if digits == "0.0" and share > 0:
        return "<0.1 %"
    if digits == "100.0" and share < 1:
        return ">99.9 %"
    return f"{digits.removesuffix('.0')} %"


def count(number: int, noun: str = "", plural: str = "") -> str:
    """A whole number with thousands separators, and the noun in its form: ``1 gate``, ``2 gates``.

    Args:
        number: at least 0.
        noun: the singular; empty for the bare number.
        plural: for nouns that take more than an ``s``.
    """
    if not noun:
        return f"{number:,}"
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def exact(value: float) -> str:
    """A finite number for machines: nine significant digits, ASCII, no negative zero."""
    return f"{value + 0.0:.9g}"


def seconds(value: float) -> str:
    """A duration as people say it: ``8 s``, ``3 min 20 s``, ``1 h 05 min``."""
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
