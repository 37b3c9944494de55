"""The rule for numbers as properties of the judge, and how quantities are read."""

import sys
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_ragft.judging.lexical.dates import dates
from pytest_ragft.judging.lexical.identifiers import identifiers
from pytest_ragft.judging.lexical.quantities import quantities
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.judging.lexical.text import plain
from pytest_ragft.judging.lexical.times import times
from pytest_ragft.records import Case, QAExample

JUDGE = ReferenceJudge()
SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
CONVERTED = [
    ("km", "m", 1000), ("kg", "g", 1000), ("hours", "minutes", 60), ("weeks", "days", 7),
    ("litres", "ml", 1000), ("GB", "MB", 1000), ("km/h", "m/s", Decimal(1) / Decimal("3.6")),
]  # fmt: skip
wholes = st.integers(min_value=2, max_value=10**9)
decimals = st.decimals(min_value="1.1", max_value="99999", places=3).filter(lambda n: n * 1000 % 10)
lead = st.sampled_from(["{}", "It is {}.", "In all, {} were counted.", "The answer: {}"])


def accuracy(reference: str, answer: str, question: str = "How many were counted?") -> float:
    example = QAExample(id="q", question=question, references=(reference,))
    return JUDGE.judge([Case(example=example, answer=answer)])[0]["accuracy"].value


def significant(number: Decimal, digits: int) -> Decimal:
    return round(number, digits - number.adjusted() - 1)


@given(wholes, lead)
def test_grouping_changes_nothing_and_a_neighbour_is_wrong(number, form):
    assert accuracy(str(number), form.format(f"{number:,}")) >= 0.8
    assert accuracy(f"{number:,}", form.format(number)) >= 0.8
    assert accuracy(f"{number:,}", form.format(number + 1)) <= 0.2
    assert accuracy(f"{number:,}", form.format(10 * number)) <= 0.2


@given(decimals, st.integers(min_value=2, max_value=4), lead)
def test_a_reference_rounded_to_the_digits_that_are_stated_is_right(number, digits, form):
    rounded = significant(number, digits)
    if rounded.adjusted() < digits:
        step = Decimal(1).scaleb(rounded.adjusted() - digits + 1)
        assert accuracy(str(number), form.format(f"{rounded:f}")) >= 0.8
        assert accuracy(str(number), form.format(f"{rounded + 2 * step:f}")) <= 0.2


@given(decimals, st.integers(min_value=1, max_value=4), lead)
def test_more_digits_than_the_reference_has_round_to_it(number, more, form):
    longer = number + Decimal(4).scaleb(-3 - more)
    assert accuracy(str(number), form.format(longer)) >= 0.8
    assert accuracy(str(number), form.format(number + Decimal("0.00200"))) <= 0.2


@given(st.integers(min_value=11, max_value=999), st.sampled_from(sorted(SCALES)), lead)
def test_scale_words_are_powers_of_ten(number, word, form):
    value = number * 10 ** SCALES[word]
    assert accuracy(f"{number} {word}", form.format(f"{value:,}")) >= 0.8
    assert accuracy(f"{value:,}", form.format(f"{number} {word}")) >= 0.8
    for other in set(SCALES) - {word}:
        assert accuracy(f"{number} {word}", form.format(f"{number} {other}")) <= 0.2


@given(st.integers(min_value=11, max_value=999).filter(lambda n: n % 10), lead)
def test_a_percentage_is_a_share_of_one(tenths, form):
    percent = Decimal(tenths) / 10
    question = "What share of sales came from abroad?"
    assert accuracy(f"{percent}%", form.format(f"{percent / 100} of sales"), question) >= 0.8
    assert accuracy(f"{percent}%", form.format(f"{percent} percent"), question) >= 0.8
    assert accuracy(f"{percent}%", form.format(f"{percent / 10}%"), question) <= 0.2
    assert accuracy(f"{percent}%", form.format(f"{percent + 1}%"), question) <= 0.2


@given(st.integers(min_value=11, max_value=999), st.sampled_from(CONVERTED), lead)
def test_units_are_converted_and_never_swapped(number, units, form):
    large, small, factor = units
    question = "How large is the tank?"
    converted = f"{round(number * factor, 2):f}"
    assert accuracy(f"{number} {large}", form.format(f"{converted} {small}"), question) >= 0.8
    assert accuracy(f"{number} {large}", form.format(f"{number} {small}"), question) <= 0.2


@given(st.integers(min_value=11, max_value=999), lead)
def test_the_sign_counts(number, form):
    question = "What was the change in points?"
    assert accuracy(f"-{number}", form.format(f"-{number}"), question) >= 0.8
    assert accuracy(f"-{number}", form.format(number), question) <= 0.2
    assert accuracy(f"{number}", form.format(f"-{number}"), question) <= 0.2


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("$4.5 million", [("4500000", "usd")]),
        ("2 x 10^3 m", [("2000", "m")]),
        ("3.72e13", [("37200000000000", "")]),
        ("an hour and a half", [("1.5", "hour")]),
        ("seven to nine", [("7", ""), ("9", "")]),
        ("between seven and nine", [("7", ""), ("9", "")]),
        ("6 ft 2 in", [("74", "inch")]),
        ("10 mg per kg", [("10", "mg/kg")]),
        ("every second week", [("2", "week")]),
        ("half-yearly", [("0.5", "year")]),
        ("86 m below sea level", [("-86", "m")]),
        ("3 square kilometres", [("3", "kilometre2")]),
        ("IL-6 and B12 and 9fceb02", []),
    ],
)
def test_quantities(text, read):
    found = quantities(plain(text))
    assert [(q.value * (q.scale or 1), q.unit) for q in found] == [
        (Decimal(value), unit) for value, unit in read
    ]


NUMERIC = [
    chr(code)
    for code in range(sys.maxunicode + 1)
    if unicodedata.category(chr(code)) in ("Nd", "Nl", "No")
]
NASTY = [
    "1e999", "-1e-999", "7" * 5000, "7," * 500, "1" + ",111" * 2000, "ATC code A09AB04", "6ec7d31",
    "a1b2", "\0", "1\x002", "0x1f", "½ ٣ Ⅳ 𝟗", "1/0", "0/0", "10^999",
    "1 x 10^999", "0:0", "99:99", "31 february 0000", "0 times a day", "every 0 weeks",
    "0th century",
    "00/00/0000", "9999-99-99", "+", "#", "v", "v1.", "@", "1@1.1", "-", "--1", "$", "%", "(1", "°",
    "million million", "one " * 500, "1 million " * 500, "44 bc", "0 bc", "0 k", "-999 k", "0 °f",
]  # fmt: skip
anything = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*NASTY, *NUMERIC, " ", ".", "kg", "may"]), max_size=6).map("".join),
)


@settings(max_examples=300)
@given(anything, anything, anything)
def test_no_text_raises(question, reference, answer):
    assert 0 <= accuracy(reference, answer, question) <= 1


@pytest.mark.parametrize("text", NASTY)
def test_no_nasty_value_raises_beside_a_number_a_date_or_a_code(text):
    for reference in ("12 kg", "12 May 1999", "9:30 am", "a1b2", "+41 44 555 12 34", text):
        for answer in (text, f"It is {text}.", reference):
            assert 0 <= accuracy(reference, answer) <= 1


def test_every_numeric_character_can_be_read():
    for character in [*NUMERIC, "\ud800"]:
        for text in (character, f"1{character}", f"{character} kg", f"a{character}-1"):
            for read in (quantities, dates, times, identifiers):
                read(text)
                read(plain(text))
