"""How much of one text stands in another: whole runs and facts, and what negates them there."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pytest_ragft.judging.lexical.numbers import is_number
from pytest_ragft.judging.lexical.text import Text

# Share of a fact's content words that must occur; its numbers must all occur.
_ENOUGH = 0.8
# A negation this many words before a match, in the same clause, negates it.
_REACH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How far an answer states a fact."""

    covered: bool
    credit: float
    """1 when covered, 0 when contradicted, else half the share of words found; in [0, 1]."""
    contradicted: bool = False
    """The words are there, but the answer negates what the fact affirms, or the reverse."""


def runs(needle: Text, text: Text) -> Iterator[int]:
    """Positions in `text` where all stems of `needle` stand in a row."""
    wanted, size = needle.stems, len(needle.stems)
    if not size:
        return
    for at, stem in enumerate(text.stems):
        if stem == wanted[0] and text.stems[at : at + size] == wanted:
            yield at


def affirmed_run(needle: Text, text: Text) -> int | None:
    """The first run of `needle` in `text` that is not negated; None without one."""
    return next((at for at in runs(needle, text) if not negated_before(text, at)), None)


def cover(fact: Text, text: Text, *, strict: bool = True) -> Coverage:
    """Whether `text` states `fact`.

    It does when all numbers and 80 % of the other content stems of the fact occur within
    3 times their number + 10 words, and the words there are negated exactly when the fact is.

    Args:
        fact: The statement.
        text: Where it is looked for.
        strict: False lifts the limits on distance and negation.
    """
    wanted = fact.keywords
    numbers = {stem for stem in wanted if is_number(stem)}
    at = [(place, stem) for place, stem in enumerate(text.stems) if stem in wanted]
    found = {stem for _, stem in at}
    needed = math.ceil(_ENOUGH * (len(wanted) - len(numbers)))
    if not wanted or not numbers <= found or len(found) - len(numbers) < needed:
        return Coverage(covered=False, credit=_partial(wanted, numbers, found))
    if not strict:
        return Coverage(covered=True, credit=1.0)
    places = _closest(at, numbers, needed + len(numbers))
    if places[-1] - places[0] >= 3 * len(wanted) + 10:
        return Coverage(covered=False, credit=_partial(wanted, numbers, found))
    if negated(text, places) != bool(fact.negations):
        return Coverage(covered=False, credit=0.0, contradicted=True)
    return Coverage(covered=True, credit=1.0)


def _partial(wanted: Collection[str], numbers: Collection[str], found: Collection[str]) -> float:
    """Half the share of words found, times the share of numbers found."""
    share = len(found) / len(wanted) if wanted else 0.0
    right = sum(number in found for number in numbers) / len(numbers) if numbers else 1.0
    return 0.5 * share * right


def _closest(at: list[tuple[int, str]], numbers: Collection[str], needed: int) -> list[int]:
    """Places of the shortest stretch that holds all numbers and `needed` distinct stems."""
    best = [place for place, _ in at]
    inside: Counter[str] = Counter()
    first = 0
    for last, (place, stem) in enumerate(at):
        inside[stem] += 1
        while len(inside) >= needed and all(number in inside for number in numbers):
            start, gone = at[first]
            if place - start < best[-1] - best[0]:
                best = [p for p, _ in at[first : last + 1]]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            first += 1
    return best


def negated(text: Text, places: Sequence[int]) -> bool:
    """Whether a negation stands before, or between, in the clause of a word that it precedes."""
    if negated_before(text, places[0]):
        return True
    inner = (p for p in text.negations if places[0] <= p <= places[-1])
    return any(
        text.clauses[negation] == text.clauses[place]
        for negation in inner
        for place in places
        if place >= negation
    )


def negated_before(text: Text, at: int) -> bool:
    """Whether a negation stands right before a word, in its clause."""
    near = range(max(0, at - _REACH), at)
    return any(p in text.negations and text.clauses[p] == text.clauses[at] for p in near)


# A title that holds a negation denies nothing.
_QUOTED = re.compile(r"[\"“”][^\"“”]{0,80}\b(?:not|no|never|nothing|without)\b[^\"“”]{0,80}[\"“”]")
# Words behind which a negation before them governs nothing.
_BREAKS = frozenset(
    {"until", "except", "unless", "onli", "other", "becaus", "but", "just", "that", "which",
     "who", "so", "yet", "if", "and", "fewer", "less", "more"}
)  # fmt: skip


def denied(text: Text, at: int, stop: int) -> bool:
    """Whether a negation governs what stands from `at` to `stop`.

    It stands anywhere before it in its clause, or behind it as the predicate's ("X did not …").
    """
    behind = [
        place
        for place in range(stop, stop + 2)
        if place in text.negations
        and (text.stems[place] in ("not", "never") or "longer" in text.stems[place : place + 2])
    ]
    if any(text.clauses[place] == text.clauses[stop - 1] for place in behind):
        return True
    if _QUOTED.search(text.plain):
        return False
    for place in text.negations:
        if place < at and text.clauses[place] == text.clauses[at]:
            between = text.stems[place + 1 : at]
            if not _BREAKS.intersection(between):
                return True
    return False
