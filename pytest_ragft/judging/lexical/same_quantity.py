"""When two quantities are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from pytest_ragft.judging.lexical.quantities import Quantity
from pytest_ragft.judging.lexical.units import MINOR

_LARGE = 100
_KILO = Decimal(1000)
# Share of a number that conversions between units lose.
_EXACT = Decimal("1e-15")
_HALF = Decimal("0.5000001")
_ZERO_CELSIUS = Decimal("273.15")
_FREEZING, _PER_FAHRENHEIT = 32, Decimal(5) / 9


def same_quantity(reference: Quantity, answer: Quantity, *, asked: Decimal | None) -> bool:
    """Whether an answer's quantity is the reference's; either may come without its unit.

    It is when both are equal, when the reference, rounded to the digits that the answer states
    (two or more, or all that the reference has), equals it, or when the answer has more digits
    and, rounded to the reference's, equals it.

    Args:
        reference: What is right.
        answer: What is said.
        asked: The scale that the question wants numbers in; None where it names none.
    """
    if reference.falls != reference.rises and (reference.falls, reference.rises) == (
        answer.rises,
        answer.falls,
    ):
        return False
    one, other = _resolved(reference, answer), _resolved(answer, reference)
    return any(_equal(one, other, mine, theirs) for mine, theirs in _factors(one, other, asked))


def _resolved(quantity: Quantity, other: Quantity) -> Quantity:
    """A quantity whose unit means what it must beside another one."""
    if quantity.dimension == "temperature" and other.dimension == "temperature":
        return _celsius(quantity)
    if quantity.unit == "k" and other.dimension != "temperature":
        return replace(quantity, unit="", scale=_KILO)
    if quantity.unit == "pound":
        return replace(quantity, unit="gbp" if other.dimension == "money" else "lb")
    if quantity.unit in MINOR and other.unit in MINOR[quantity.unit]:
        return replace(quantity, unit=other.unit, scale=Decimal("0.01"))
    return quantity


def _celsius(quantity: Quantity) -> Quantity:
    if quantity.unit in ("°f", "fahrenheit"):
        value = (quantity.value - _FREEZING) * _PER_FAHRENHEIT
        return replace(quantity, value=value, step=quantity.step * _PER_FAHRENHEIT, unit="celsius")
    if quantity.unit in ("k", "kelvin"):
        return replace(quantity, value=quantity.value - _ZERO_CELSIUS, unit="celsius")
    return replace(quantity, unit="celsius")


def _factors(
    reference: Quantity, answer: Quantity, asked: Decimal | None
) -> Iterator[tuple[Decimal, Decimal]]:
    """Pairs of factors under which the two numbers may be compared."""
    one, other = reference.dimension, answer.dimension
    if one and other and not _comparable(reference, answer):
        return
    if (one == "ratio") != (other == "ratio"):
        yield from _shares(reference, answer)
        return
    mine = reference.factor if one or reference.scale else Decimal(1)
    if reference.scale is None and asked is not None and one in ("", "money"):
        # "in USD millions": 12,645 there, 12,645 million anywhere.
        if answer.scale is None:
            yield mine, answer.factor
        yield mine * asked, answer.factor
        return
    if bool(one) != bool(other):
        if reference.scale is None and answer.scale is not None and one != "money":
            return
        yield reference.scale or Decimal(1), answer.scale or Decimal(1)
    else:
        yield mine, answer.factor
    if reference.scale is not None and asked == reference.scale and answer.scale is None:
        yield Decimal(1), Decimal(1)


def _comparable(reference: Quantity, answer: Quantity) -> bool:
    one, other = reference.dimension, answer.dimension
    if one == "money" or other == "money":
        return one == other and reference.unit == answer.unit
    # "4 g a day" for "4 g".
    return one == other or one == other.partition("/")[0] or other == one.partition("/")[0]


def _shares(reference: Quantity, answer: Quantity) -> Iterator[tuple[Decimal, Decimal]]:
    """A percentage against a bare number: a share of 1, or the number without its sign."""
    dimensions = {reference.dimension, answer.dimension}
    if not dimensions <= {"", "ratio"} or (reference.scale or answer.scale) is not None:
        return
    yield reference.factor, answer.factor
    if reference.dimension == "ratio":
        yield Decimal(1), Decimal(1)


def _equal(reference: Quantity, answer: Quantity, mine: Decimal, theirs: Decimal) -> bool:
    right, said = reference.value * mine, answer.value * theirs
    step = _whole(reference) * mine
    if right.is_signed() != said.is_signed() and right and said:
        if not _signed_by_words(reference, answer):
            return False
        right, said = abs(right), abs(said)
    if abs(right - said) <= abs(right) * _EXACT:
        return True
    slack = max(step, answer.step * theirs) * _HALF
    if answer.step * theirs <= step:
        if abs(right - said) <= slack:
            return True
        return _trailing(reference, answer, mine, theirs, right, said)
    enough = answer.digits >= min(2, reference.digits)
    return (enough and abs(right - said) <= slack) or _rounded(answer, theirs, right, said)


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
    """Whether a round number that is called so is meant, as "about 13,000" for 12,645."""
    if not answer.about or answer.step != 1:
        return False
    shape = answer.value.normalize().as_tuple()
    if not isinstance(shape.exponent, int) or shape.exponent <= 0 or len(shape.digits) < 2:
        return False
    return abs(right - said) * 2 <= Decimal(1).scaleb(shape.exponent) * theirs


def _signed_by_words(reference: Quantity, answer: Quantity) -> bool:
    """Whether words say the sign, as in "a loss of 2 %"."""
    return answer.falls if reference.value < 0 else reference.falls
