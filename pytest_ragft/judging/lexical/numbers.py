"""Numbers as numbers: ``1,000``, ``one thousand`` and ``1000.0`` are the same token."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from decimal import Decimal

_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth", "twentieth",
)  # fmt: skip
# "first" and "second" are left as words: they are mostly an adverb and a unit of time.
_ORDINALS = ORDINALS[2:]
_VALUES = (
    {word: value for value, word in enumerate(_UNITS)}
    | {word: 10 * value for value, word in enumerate(TENS, start=2)}
    | {word: value for value, word in enumerate(_ORDINALS, start=3)}
)
_SCALES = {
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
# Digits beyond which a numeral is kept as it is written.
_LONGEST = 30
# Scales that are piled up end here: "million million million …" is no number.
_MOST = 10**24
FURTHEST = 20_000
"""Characters of an answer that are read for its values: who says more says none."""
# Mostly a pronoun, so it stays a word; a lone numeral 1 becomes this word.
_ONE = "one"


def is_number(token: str) -> bool:
    """Whether a token of `fold_numbers` is a number."""
    # An id such as "6ec7d31" ends with a digit, too, and so may a word of another script.
    return (
        token[-1].isdecimal()
        and token.isascii()
        and token.replace(".", "", 1).lstrip("-").isdigit()
    )


def canonical(digits: str) -> str:
    """The one spelling of a decimal numeral: ``007.50`` and ``7.5`` are both ``7.5``."""
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    whole, _, fraction = digits.replace(",", "").partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    return sign + (f"{whole}.{fraction}" if fraction else whole)


def share_stated(wanted: Collection[str], given: Collection[str]) -> float:
    """Share of the numbers `wanted` that stand in `given`, rounded or not; 1 when none is wanted.

    One numeral stands for another of more digits when it is that number rounded and has three
    digits that count: ``54.6`` for ``54.58``, not ``55``.
    """
    if not wanted:
        return 1.0
    return sum(n in given or any(rounds(n, g) for g in given) for n in wanted) / len(wanted)


def rounds(one: str, other: str) -> bool:
    """Whether the numeral with fewer decimals, of three digits or more, is the other one rounded.

    Args:
        one: A numeral in its canonical spelling.
        other: Another one.
    """
    fewer, more = sorted((one, other), key=_decimals)
    digits = fewer.lstrip("-").replace(".", "").lstrip("0")
    if len(digits) < 3 or max(len(one), len(other)) > _LONGEST or _decimals(more) == 0:
        return False
    unit = Decimal(1).scaleb(-_decimals(fewer))
    return abs(Decimal(fewer) - Decimal(more)) * 2 <= unit


def _decimals(numeral: str) -> int:
    return len(numeral.partition(".")[2])


def fold_numbers(words: Sequence[str], clauses: Sequence[int]) -> list[tuple[str, int]]:
    """Number words and scaled numerals folded into one canonical numeral each.

    Args:
        words: Lower-case words; numerals have digits, dots and at most a leading minus.
        clauses: Which clause each word stands in; a number never reaches into the next.

    Returns:
        Each resulting token with the position of the first word that it stands for.
    """
    folded: list[tuple[str, int]] = []
    position = 0
    while position < len(words):
        word, after = words[position], position + 1
        if is_number(word):
            word, after = _scaled(words, clauses, position)
        elif word in _VALUES:
            word, after = _spelled(words, clauses, position)
        folded.append((_ONE if word == "1" else word, position))
        position = after
    return folded


def _scaled(words: Sequence[str], clauses: Sequence[int], start: int) -> tuple[str, int]:
    """A numeral times the scales behind it, as in 2.5 million, and where the next word is."""
    # Nobody scales such a number, and arithmetic would round it.
    if len(words[start]) > _LONGEST:
        return words[start], start + 1
    end, factor = start + 1, 1
    while end < len(words) and clauses[end] == clauses[start] and words[end] in _SCALES:
        factor, end = min(factor * _SCALES[words[end]], _MOST), end + 1
    return canonical(f"{Decimal(words[start]) * factor:f}"), end


def _spelled(words: Sequence[str], clauses: Sequence[int], start: int) -> tuple[str, int]:
    """A number in words, as in two hundred and five thousand, and where the next word is."""
    total, current, end = 0, _VALUES[words[start]], start + 1
    while end < len(words) and clauses[end] == clauses[start]:
        word = words[end]
        at = end + 1 if word == "and" and current % 100 == 0 and end + 1 < len(words) else end
        if word in _SCALES:
            total, current = _times(total, current, _SCALES[word])
        elif clauses[at] == clauses[start] and _fits(total, current, _VALUES.get(words[at], 0)):
            current, end = current + _VALUES[words[at]], at
        else:
            break
        end += 1
    return str(total + current), end


def _times(total: int, current: int, scale: int) -> tuple[int, int]:
    if scale == 100:
        return total, min(current * scale, _MOST)
    return min(total + current * scale, _MOST), 0


def _fits(total: int, current: int, value: int) -> bool:
    """Whether `value` continues the number: behind a scale, a hundred or tens."""
    if not value:
        return False
    if current == 0:
        return total > 0
    return current % 100 == 0 or (current % 10 == 0 and current % 100 >= 20 and value < 10)


_WORDS = re.compile(
    rf"\b(?:(?:an? )?(?:{'|'.join((*_VALUES, *_SCALES))})"
    rf"(?:(?:[ -]and)?[ -](?:{'|'.join((*_VALUES, *_SCALES))}))*"
    r"|(?:a )?(?:dozen)|(?:one |a )?half(?= an? | of | the ))(?![a-z])"
)
_COUNTED = re.compile(
    r"one(?=[ -](?:hundred|thousand|million|billion|trillion|second|minute|hour|day|week|month"
    r"|year|decade|percent|per|and a half|time|tenth|third|fourth|quarter|half)\b)"
)


def spell_out(text: str) -> str:
    """A normalised text with its number words as numerals; scales from a thousand on stay words.

    Ordinals and a lone "one" stay as they are: they are mostly no quantity.
    """
    return _WORDS.sub(_numeral, _PARTS.sub(_part, text))


_PARTS = re.compile(
    r"\b(?P<count>an?|one|two|three|four|five|six|seven|eight|nine)[ -]"
    r"(?P<part>third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth)s?"
    r"(?= of |$|[.,;:!?)]|\n)"
)
_PART = {"third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
         "ninth": 9, "tenth": 10}  # fmt: skip


def _part(match: re.Match[str]) -> str:
    count = 1 if match["count"] in ("a", "an") else _VALUES[match["count"]]
    return f"{count / _PART[match['part']]:.3f}"


def _numeral(match: re.Match[str]) -> str:
    words = match[0].replace("-", " ").split()
    if words[-1] == "dozen":
        return "12"
    if "half" in words:
        return "0.5"
    if len(words) == 1 and (words[0] in _SCALES or words[0] in _ORDINALS):
        return match[0]
    if words == [_ONE] and not _COUNTED.match(match.string, match.start()):
        return match[0]
    if words[0] in ("a", "an"):
        words = ["one", *words[1:]] if len(words) > 1 and words[1] in _SCALES else words[1:]
    if words[0] in _SCALES:
        return match[0]
    # "Twelve million" is stated to two digits, "twelve million five" to all.
    large = [word for word in words if word in _SCALES and word != "hundred"]
    tail = words[-1] if large == words[-1:] else ""
    words = words[:-1] if tail else words
    parts, at, clauses = list[str](), 0, [0] * len(words)
    while at < len(words):
        # "Seven and nine" are two numbers.
        if parts:
            parts.append("and" if words[at] == "and" else "")
            at += words[at] == "and"
        value, at = _spelled(words, clauses, at)
        parts.append(value)
    return " ".join(filter(None, [*parts, tail]))
