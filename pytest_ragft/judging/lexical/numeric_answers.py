"""Answers to questions for a number.

A number is right or it is not: another one in its place is wrong, whatever words surround it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from itertools import pairwise

from pytest_ragft.judging.lexical.dates import dates
from pytest_ragft.judging.lexical.numbers import FURTHEST, ORDINALS, TENS
from pytest_ragft.judging.lexical.quantities import Quantity, quantities
from pytest_ragft.judging.lexical.same_quantity import same_quantity
from pytest_ragft.judging.lexical.text import STOP_WORDS, Text
from pytest_ragft.judging.lexical.wording import spelled

_GENERIC = frozenset((
    "about", "around", "approximately", "approx", "roughly", "nearly", "almost", "every", "each",
    "per", "over", "under", "least", "most", "up", "more", "less", "than", "between", "total",
    "number", "amount", "answer", "equals", "equal", "ratio", "value", "usd", "us", "eur", "gbp",
    "dollar", "dollars", "euro", "euros", "pound", "pounds", "cents", "percent", "percentage",
    "point", "points", "million", "millions", "billion", "billions", "thousand", "thousands",
    "trillion", "mn", "bn", "m", "k", "b", "circa", "ca", "only", "exactly", "estimated",
    "annually", "annual", "yearly", "monthly", "weekly", "daily", "hourly", "basis", "times",
    "time", "once", "twice",
))  # fmt: skip


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


_COUNTED = re.compile(
    r"\bhow many (?:(?:different|total|more|other|new|main) )?(?:([a-z]{3,20}) )?([a-z]{3,20})"
)


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


# Questions whose bare answer of four digits is no year.
_ASKS_AMOUNT = re.compile(
    r"\bhow (?:many|much|long|far|tall|high|heavy|large|big|deep|wide|fast)\b"
    r"|\b(?:number|amount|total|population|count|cost|price|revenue|income|size|length|height"
    r"|weight|distance) of\b"
)


def asks_amount(question: str) -> bool:
    """Whether a normalised question asks how much or how many."""
    return bool(_ASKS_AMOUNT.search(question))


def wanted_numbers(reference: str, question: str) -> tuple[Quantity, ...]:
    """The new quantities of a reference, each once; all where its question gives all."""
    # What stands in brackets behind a number only explains it.
    outside = re.sub(r"(?<=\w|%|\s)\([^()]{1,80}\)", " ", reference[:FURTHEST])
    found = (
        new_numbers(outside, question)
        or new_numbers(reference, question)
        or tuple(
            q
            for q in quantities(reference)
            if not _dated(reference, q) or (asks_amount(question) and not dates(question))
        )
    )
    return tuple(
        one
        for at, one in enumerate(found)
        if not any(
            one.dimension and earlier.unit != one.unit and same_quantity(earlier, one, asked=None)
            for earlier in found[:at]
            if earlier.dimension
        )
    )


def _dated(text: str, quantity: Quantity) -> bool:
    return any(
        date.start <= quantity.start < date.end
        for date in dates(spelled(text[:FURTHEST]))
        if date.month or date.decade or (not quantity.unit and not quantity.scale)
    )


_FIGURE_ORDINAL = re.compile(r"\b[0-9]{1,3}(?:st|nd|rd|th)\b|^[a-z]{3,20} [0-9]{1,3}\W{0,2}$")
_PLACE = re.compile(rf"\b(?:({'|'.join(TENS)})[- ])?({'|'.join(ORDINALS)})\b")


def _with_places(text: str) -> str:
    """A text with its ordinals as figures."""

    def figures(match: re.Match[str]) -> str:
        tens = 10 * TENS.index(match[1]) + 20 if match[1] else 0
        return f"{tens + ORDINALS.index(match[2]) + 1}th"

    return _PLACE.sub(figures, text)


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
    if any(map(_FIGURE_ORDINAL.search, references)):
        answer = _with_places(answer)
    return max(
        _number_share(numbers, reference, question, answer)
        for reference, numbers in zip(references, wanted, strict=True)
    )


_ASKS_FALL = re.compile(r"\bhow much\b.{1,200}\b(?:fall|decrease|decline|drop|shrink|lose)\b")
_ASKS_RISE = re.compile(r"\bhow much\b.{1,200}\b(?:rise|increase|grow|gain|climb|go up)\b")


def _turned(quantity: Quantity, question: str) -> bool:
    """Whether a number is said to rise where the question asks for a fall, or to fall."""
    rises, falls = bool(_ASKS_RISE.search(question)), bool(_ASKS_FALL.search(question))
    return rises != falls and (quantity.rises, quantity.falls) == (falls, rises)


def _number_share(wanted: Sequence[Quantity], reference: str, question: str, answer: str) -> float:
    asked = asked_scale(question)
    pairs = _pairs(reference)
    if len(pairs) == 1 and len(wanted) == 2 and (said_pairs := _pairs(answer)):
        return float(
            any(
                all(same_quantity(o, s, asked=asked) for o, s in zip(pairs[0], pair, strict=True))
                for pair in said_pairs
            )
        )
    said = _in_place(answer, question) if len(wanted) == 1 else list(quantities(answer))
    said = [q for q in said if not _turned(q, question)]
    given = quantities(question)
    hits = [any(same_quantity(one, other, asked=asked) for other in said) for one in wanted]
    if all(hits) or not any(hits):
        return float(all(hits))
    others = any(
        not any(same_quantity(one, other, asked=asked) for one in wanted)
        and not any(other.value == number.value for number in given)
        and any(other.dimension in ("", one.dimension) or not one.dimension for one in wanted)
        and not _dated(answer, other)
        for other in said
    )
    return 0.0 if others else sum(hits) / len(hits)


_JOINT = re.compile(r"\s?(?:[-–:/]|to|and)\s?-?")
_EACH_ONE = re.compile(r"\s[a-z]{2,20}\s(?:per|for (?:each|every|one))\s[a-z]{2,20}\b")
_ONE = quantities("1")[0]


def _pairs(text: str) -> list[tuple[Quantity, Quantity]]:
    """Scores, ratios and ranges: "3-1", "15:1", "7 to 9", "15 students per teacher"."""
    text = re.sub(r"(?<=[0-9])\sto\sone\b", " to 1", spelled(text[:FURTHEST]))
    found = list(quantities(text))
    pairs = [
        (one, other)
        for one, other in pairwise(found)
        if _JOINT.fullmatch(text, one.end, other.start)
        and (text[one.end : other.start].strip() != "and" or _BETWEEN.search(text[: one.start]))
        and not _dated(text, one)
    ]
    return pairs + [(one, _ONE) for one in found if _EACH_ONE.match(text, one.end)]


_BETWEEN = re.compile(r"\bbetween[\s$€£]*\Z")


def contradicts_numbers(reference: str, question: str, answer: str) -> bool:
    """Whether an answer states none of a reference's new numbers, but others of their kinds."""
    wanted = new_numbers(reference, question)
    said = new_numbers(answer, question)
    asked = asked_scale(question)
    if not wanted or any(
        same_quantity(one, other, asked=asked) for one in wanted for other in said
    ):
        return False
    return any(one.dimension == other.dimension for one in wanted for other in said)


_TOTAL = re.compile(r"(?:\A|[.;,]\s|[0-9%]\s(?:out )?)(?:out )?of (?:the |all |its |these )?\Z")
_PARTITIVE = r"(?:(?:out )?of (?:the |all |its |these )?[0-9][0-9,.]{0,20} )?"
_FORMER = re.compile(
    r"\b(?:formerly|previously|originally|initially|until|used to|no longer|in the past)\b"
)
_PAST = re.compile(rf"{_FORMER.pattern}|\b(?:former|previous|original|initial|first|before)\b")
_COMPARED = re.compile(
    r"\b(?:(?:up|down) from|compared (?:to|with)|versus|vs|against|rather than|instead of)"
    r"(?: (?:about|around|some|nearly|only))?[\s$€£]*\Z"
)
_CLAUSE = re.compile(r"[;:()\n]|[.,](?![0-9])")


def _in_place(answer: str, question: str) -> list[Quantity]:
    """The numbers that may answer: those of what is counted, without totals and former values.

    Where nothing else stands, whatever stands.
    """
    said, text = list(quantities(answer)), spelled(answer[:FURTHEST])
    if not _PAST.search(question):
        said = _without(said, [q for q in said if _former(text, q)])
    said = _without(said, [q for q in said if _TOTAL.search(text[max(0, q.start - 40) : q.start])])
    if counted := _COUNTED.search(question):
        for word in filter(None, counted.groups()):
            noun = re.escape(word.rstrip("s")[:6])
            near = re.compile(rf"\W{{1,3}}{_PARTITIVE}(?:[a-z-]{{1,30}}\W{{1,3}}){{0,2}}?{noun}")
            if found := [q for q in said if near.match(text, q.end)]:
                return found
    return said


def _former(text: str, quantity: Quantity) -> bool:
    """Whether a number is what something was before, or is only compared with."""
    before = text[max(0, quantity.start - 80) : quantity.start]
    after = text[quantity.end : quantity.end + 80]
    clause = _CLAUSE.split(before)[-1] + _CLAUSE.split(after)[0]
    return bool(_FORMER.search(clause) or _COMPARED.search(before))


def _without(said: list[Quantity], others: list[Quantity]) -> list[Quantity]:
    """The numbers without those others for which a number of the same kind remains."""
    out = frozenset(others)
    kept = {q.dimension for q in said if q not in out}
    return [q for q in said if q not in out or q.dimension not in kept]
