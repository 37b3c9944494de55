"""Normalisation: what counts as the same word, the same number, a negation, a clause."""

import pytest

from pytest_ragft.judging.lexical.text import Reader


@pytest.fixture(scope="module")
def read():
    return Reader().read


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000", "1000"),
        ("1,000", "one thousand"),
        ("1000.0", "1\u00a0000"),
        ("1\u202f234\u202f567", "1,234,567"),
        ("2.5 million", "2,500,000"),
        ("two hundred and five", "205"),
        ("twenty-five", "25"),
        ("one million two hundred thousand", "1200000"),
        ("two hundred and fifty thousand", "250,000"),
        ("1", "one"),
        (".5", "0.50"),
        ("007", "7"),
        ("19th century", "nineteenth century"),
        ("5 %", "five percent"),
        ("5mg", "5 milligrams"),
        ("10 kilometres", "10 km"),
        ("５", "5"),
        ("−5", "-5"),
        ("12 Sept 2001", "12th September 2001"),
        ("2001-09-12", "12 September 2001"),
        ("9/12/2001", "12 September 2001"),
        ("25/12/2001", "12/25/2001"),
        ("12.09.2001", "12 September 2001"),
        ("U.S.A.", "USA"),
        ("J.K. Rowling", "J. K. Rowling"),
        ("Washington, d. c.", "Washington, D.C"),
        ("The Émile", "emile"),
        ("STRASSE", "straße"),
        ("don't", "do not"),
        ("can’t", "cannot"),
        ("it's", "it is"),
        ("Darwin's finch", "Darwin finches"),
        ("**_Paris_**", "paris"),
        ("<b>Paris</b><|im_end|>", "paris"),
        ("blood-brain barrier", "blood brain barriers"),
        ("fish &amp; chips", "fish & chips"),
        ("\x1b[2KParis\x1b[0m", "Paris"),
    ],
)
def test_same(read, one, other):
    assert read(one).stems == read(other).stems != ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000", "1.000"),
        ("5", "-5"),
        ("10⁵", "105"),
        ("5 mg", "5 g"),
        ("fifty, nineteen", "69"),
        ("nineteen ninety", "109"),
        ("twenty nineteen", "39"),
        ("ten five", "15"),
        ("2 million and three", "2000003"),
        ("3.14", "314"),
        ("vitamin B", "vitamin D"),
        ("one", "on"),
        ("1.2.3", "1 February 2003"),
        ("2001-13-45", "2001-12-45"),
    ],
)
def test_different(read, one, other):
    assert read(one).stems != read(other).stems


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("from 1990-1995", {"1990", "1995"}),
        ("10,675 of 19,544 (54.6%)", {"10675", "19544", "54.6"}),
        ("no one knows one", set()),
        ("፩ ❶ apples", set()),
        ("id 0f3a9c of 5ft10in", {"5", "10"}),
        ("9" * 5000, {"9" * 5000}),
        ("9" * 25 + " million million", {"9" * 25 + "0" * 12}),
    ],
)
def test_numbers(read, text, numbers):
    assert read(text).numbers == numbers


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("It is not Paris", ["not"]),
        ("It isn't Paris", ["not"]),
        ("not only Paris but Rome", []),
        ("without a doubt", []),
        ("without sugar", ["without"]),
        ("no doubt", []),
        ("Paris", []),
    ],
)
def test_negations(read, text, negated):
    words = read(text)
    assert [words.stems[at] for at in sorted(words.negations)] == negated


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("Yes.", True),
        ("**No**, it does not", False),
        ("The answer is yes", True),
        ("Based on the context, no.", False),
        ("It is true that", True),
        ("First of all: the dose. Yes, it does", True),
        ("Smith wrote it. No.", False),
        ("He wrote it. It is old. No cure is known.", None),
        ("The text goes on. Answer: no", False),
        ("Paris", None),
        ("Nothing", None),
        ("", None),
    ],
)
def test_polarity(read, text, polarity):
    assert read(text).polarity is polarity


def test_clauses_and_opening(read):
    words = read("No, Paris; it is large but old. Rome?")
    assert words.stems == ("no", "pari", "it", "i", "larg", "but", "old", "rome")
    assert words.clauses == (0, 1, 2, 2, 2, 3, 3, 4)
    assert words.sentences == (0, 0, 0, 0, 0, 0, 0, 1)
    assert words.opening == 7
    assert read("Dr. Smith vs. Mr. Jones").sentences == (0,) * 5
    assert not words.asks
    assert read("Who? Me.").asks
